#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::bench {

// A program found beside this one, as cmake installs and builds them.
[[nodiscard]] std::filesystem::path sibling(const std::string& name);

// What a program printed on standard output. Throws std::runtime_error with its exit code when it failed.
[[nodiscard]] std::string output_of(const std::vector<std::string>& command);

// A program started with extra environment, ended by SIGTERM (then SIGKILL) at the latest when this goes.
class Child {
public:
    Child(const std::vector<std::string>& command, const std::vector<std::string>& environment);
    // Its standard input and output are this descriptor, which stays ours to close.
    Child(const std::vector<std::string>& command, int standard_streams);
    // As a service manager starts it with a socket unit: the listening socket, which stays ours to close, is
    // its descriptor 3, and LISTEN_FDS and LISTEN_PID say so.
    Child(const std::vector<std::string>& command, const std::vector<std::string>& environment,
          int listening_socket);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    [[nodiscard]] std::optional<int> ended(); // its wait status, once it ended
    void signal(int number) const;
    void stop();

private:
    pid_t pid_ = -1;
};

} // namespace embedd::bench
