#include "bench/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <system_error>

extern char** environ;

namespace embedd::bench {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings)
{
    std::vector<char*> list;
    for (const auto& text : strings)
        list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
}

pid_t spawn(const std::vector<std::string>& command, const std::vector<std::string>& extra,
            const posix_spawn_file_actions_t* actions)
{
    auto environment = extra;
    for (char** entry = environ; *entry != nullptr; ++entry)
        environment.emplace_back(*entry);
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, command.front().c_str(), actions, nullptr,
                                     pointers(command).data(), pointers(environment).data());
    if (error != 0)
        throw std::system_error(error, std::generic_category(), "cannot start " + command.front());
    return pid;
}

} // namespace

std::filesystem::path sibling(const std::string& name)
{
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

std::string output_of(const std::vector<std::string>& command)
{
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    const pid_t pid = spawn(command, {}, &actions);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    std::string output;
    std::array<char, 4096> piece{};
    for (ssize_t got = 0; (got = ::read(pipe[0], piece.data(), piece.size())) > 0;)
        output.append(piece.data(), static_cast<std::size_t>(got));
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw std::runtime_error(command.front() + " failed with wait status " + std::to_string(status));
    return output;
}

Child::Child(const std::vector<std::string>& command, const std::vector<std::string>& environment)
    : pid_(spawn(command, environment, nullptr))
{
}

Child::Child(const std::vector<std::string>& command, int standard_streams)
{
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, standard_streams, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, standard_streams, STDOUT_FILENO);
    pid_ = spawn(command, {}, &actions);
    ::posix_spawn_file_actions_destroy(&actions);
}

Child::Child(const std::vector<std::string>& command, const std::vector<std::string>& environment,
             int listening_socket)
{
    constexpr int first_passed = 3;
    // LISTEN_PID is known to the new process alone, which is a shell until it has said it.
    std::vector<std::string> wrapped{"/bin/sh", "-c", R"(LISTEN_PID=$$ exec "$@")", "sh"};
    wrapped.insert(wrapped.end(), command.begin(), command.end());
    auto variables = environment;
    variables.emplace_back("LISTEN_FDS=1");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, listening_socket, first_passed);
    pid_ = spawn(wrapped, variables, &actions);
    ::posix_spawn_file_actions_destroy(&actions);
}

Child::~Child()
{
    stop();
}

std::optional<int> Child::ended()
{
    int status = 0;
    if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_)
        return std::nullopt;
    pid_ = -1;
    return status;
}

void Child::signal(int number) const
{
    if (pid_ > 0)
        ::kill(pid_, number);
}

void Child::stop()
{
    if (pid_ < 0)
        return;
    ::kill(pid_, SIGTERM);
    for (int tries = 0; tries < 400; ++tries) {
        if (ended())
            return;
        ::poll(nullptr, 0, 25);
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

} // namespace embedd::bench
