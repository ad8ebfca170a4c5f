#include "tests/daemon/front/daemon_process.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace embedd::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;

std::filesystem::path short_directory()
{
    std::string name = "/tmp/embedd-XXXXXX";
    if (!::mkdtemp(name.data()))
        throw std::runtime_error("mkdtemp failed");
    return name;
}

int manager_socket(const std::filesystem::path& path)
{
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("bind failed");
    return socket;
}

std::vector<std::string> environment(const std::filesystem::path& directory)
{
    std::vector<std::string> variables;
    for (char** at = environ; *at; ++at) {
        const std::string_view variable = *at;
        if (!variable.starts_with("EMBEDD_") && !variable.starts_with("NOTIFY_") &&
            !variable.starts_with("LISTEN_") && !variable.starts_with("WATCHDOG_") &&
            !variable.starts_with("STATE_DIRECTORY"))
            variables.emplace_back(variable);
    }
    variables.push_back("NOTIFY_SOCKET=" + (directory / "notify").string());
    variables.push_back("EMBEDD_FAKE_CONTROL=" + (directory / "control").string());
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& strings)
{
    std::vector<char*> all;
    for (auto& string : strings)
        all.push_back(string.data());
    all.push_back(nullptr);
    return all;
}

} // namespace

DaemonProcess::DaemonProcess(const Settings& settings)
    : directory_(short_directory()), socket_(directory_ / "s"),
      manager_(manager_socket(directory_ / "notify"))
{
    std::filesystem::create_directory(directory_ / "control");
    for (const auto& fault : settings.faults)
        set_fault(fault);
    set_fault("log");
    std::vector<std::string> arguments{
        EMBEDD_PROGRAM,  "--model",          settings.model.value_or(EMBEDD_TEST_MODEL).string(),
        "--worker",      EMBEDD_FAKE_WORKER, "--socket",
        socket_.string()};
    if (!settings.state.empty())
        arguments.insert(arguments.end(), {"--state-directory", settings.state.string()});
    arguments.insert(arguments.end(), settings.arguments.begin(), settings.arguments.end());
    if (settings.descriptors) {
        const auto soft = std::to_string(settings.descriptors->rlim_cur);
        const auto hard = std::to_string(settings.descriptors->rlim_max);
        arguments.insert(
            arguments.begin(),
            {"/bin/sh", "-c", "ulimit -Sn " + soft + " && ulimit -Hn " + hard + " && exec \"$0\" \"$@\""});
    }
    auto variables = environment(directory_);
    if (::posix_spawn(&pid_, arguments.front().c_str(), nullptr, nullptr, pointers(arguments).data(),
                      pointers(variables).data()) != 0)
        throw std::runtime_error("cannot start " EMBEDD_PROGRAM);
}

DaemonProcess::~DaemonProcess()
{
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(manager_);
    std::error_code none;
    std::filesystem::remove_all(directory_, none);
}

void DaemonProcess::set_fault(const std::string& name) const
{
    std::ofstream(directory_ / "control" / name).flush();
}

void DaemonProcess::end_fault(const std::string& name) const
{
    std::filesystem::remove(directory_ / "control" / name);
}

std::vector<std::string> DaemonProcess::lines(const std::string& name) const
{
    std::ifstream file(directory_ / "control" / name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);)
        lines.push_back(line);
    return lines;
}

const std::vector<std::string>& DaemonProcess::notices()
{
    std::array<char, 4096> message{};
    for (ssize_t size = 0; (size = ::recv(manager_, message.data(), message.size(), 0)) >= 0;)
        notices_.emplace_back(message.data(), static_cast<std::size_t>(size));
    return notices_;
}

bool DaemonProcess::said(const std::string& start)
{
    for (const auto& notice : notices()) {
        std::istringstream lines(notice);
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(start))
                return true;
    }
    return false;
}

void DaemonProcess::signal(int number) const
{
    ::kill(pid_, number);
}

int DaemonProcess::wait_for_exit()
{
    int status = 0;
    if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }))
        return -1;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool DaemonProcess::wait_until_ready()
{
    return eventually([this] { return said("READY=1"); });
}

std::size_t DaemonProcess::resident_bytes() const
{
    std::size_t size = 0, resident = 0;
    std::ifstream("/proc/" + std::to_string(pid_) + "/statm") >> size >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::chrono::milliseconds DaemonProcess::cpu_time() const
{
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string field;
    std::getline(file, field, ')'); // the program's name may hold anything
    for (int skipped = 0; skipped < 11; ++skipped)
        file >> field;
    long user = 0, system = 0;
    file >> user >> system;
    return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

std::size_t DaemonProcess::descriptors() const
{
    std::size_t count = 0;
    std::error_code none;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/fd", none))
        ++count;
    return count;
}

ipc::Client DaemonProcess::client() const
{
    return ipc::Client({.socket = socket_, .timeout = patience, .name = "test"});
}

bool eventually(const std::function<bool()>& condition)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        ::poll(nullptr, 0, 2);
    }
    return true;
}

} // namespace embedd::daemon
