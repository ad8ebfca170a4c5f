#include "model/tokenizer/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace embedd::tokenizer {
namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

Failure refused(std::string why)
{
    return {Errc::file_refused, std::move(why)};
}

Failure refused_by_system()
{
    return refused(std::generic_category().message(errno));
}

} // namespace

Result<std::string> read_whole_file(const std::filesystem::path& path, std::size_t max_bytes)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct ::stat status{};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
        return refused_by_system();
    if (!S_ISREG(status.st_mode))
        return refused("not a regular file");
    if (static_cast<std::uintmax_t>(status.st_size) > max_bytes)
        return refused("larger than " + std::to_string(max_bytes) + " bytes");

    // The size was true a moment ago: what is read is what counts.
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const ::ssize_t got = ::read(file.get(), text.data() + filled, text.size() - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refused_by_system();
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

} // namespace embedd::tokenizer
