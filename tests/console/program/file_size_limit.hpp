#pragma once

#include <sys/resource.h>

#include <csignal>

namespace embedd::console {

// No file of this process may become larger, as if the disk were full then.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handled_(std::signal(SIGXFSZ, SIG_IGN))
    {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handled_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*handled_)(int);
};

} // namespace embedd::console
