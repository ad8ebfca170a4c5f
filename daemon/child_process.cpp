#include "daemon/child_process.hpp"

#include "daemon/descriptor_limit.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fstream>
#include <string_view>

extern char** environ;

namespace embedd::daemon {
namespace {

constexpr int exec_failed = 127;
constexpr int oom_score_step = 300;
constexpr int channel_descriptor = 3;

// Everything the child needs between fork and exec: made before, since only async-signal-safe calls are
// allowed there (another thread may hold the allocator's lock).
struct Launch {
    const char* program;
    char* const* arguments;
    char* const* environment;
    const char* oom_score;
    std::size_t oom_score_bytes;
    int input, output, error, channel;
    int report;
    rlimit descriptors;
    pid_t parent;
    const cpu_set_t* cpus; // null: ours
};

// oneDNN's own capacity overflows silently beyond about 100 shapes, and then each visit of a warm shape is a
// miss. An operator's own value stands.
constexpr std::string_view primitive_cache = "ONEDNN_PRIMITIVE_CACHE_CAPACITY=";
constexpr const char* primitive_cache_default = "ONEDNN_PRIMITIVE_CACHE_CAPACITY=16384";

bool is_for_us_alone(std::string_view variable)
{
    return variable.starts_with("NOTIFY_SOCKET=") || variable.starts_with("WATCHDOG_") ||
           variable.starts_with("LISTEN_");
}

std::vector<std::string> child_environment()
{
    std::vector<std::string> variables;
    bool capacity_given = false;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view variable = *entry;
        if (is_for_us_alone(variable))
            continue;
        capacity_given = capacity_given || variable.starts_with(primitive_cache);
        variables.emplace_back(variable);
    }
    if (!capacity_given)
        variables.emplace_back(primitive_cache_default);
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// Higher than ours, so that the kernel's choice falls on the child first.
std::string raised_oom_score()
{
    int ours = 0;
    std::ifstream("/proc/self/oom_score_adj") >> ours;
    return std::to_string(std::min(ours + oom_score_step, 1000));
}

[[noreturn]] void give_up(int report) noexcept
{
    const int reason = errno;
    [[maybe_unused]] const auto written = ::write(report, &reason, sizeof reason);
    ::_exit(exec_failed);
}

// Above every number that is about to be overwritten.
int moved_up(int descriptor) noexcept
{
    constexpr int above = 16;
    return ::fcntl(descriptor, F_DUPFD_CLOEXEC, above);
}

// In the child. Async-signal-safe calls only.
[[noreturn]] void become(const Launch& launch) noexcept
{
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL); // refused for SIGKILL, SIGSTOP and libc's own
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);

    ::setsid();
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(launch.report);
    if (::getppid() != launch.parent)
        ::_exit(exec_failed); // the parent died before we asked to die with it

    if (launch.cpus != nullptr) // refused where they went off-line meanwhile: better anywhere than nowhere
        ::sched_setaffinity(0, sizeof *launch.cpus, launch.cpus);

    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::setrlimit(RLIMIT_NOFILE, &launch.descriptors);
    if (const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); file >= 0) {
        [[maybe_unused]] const auto written = ::write(file, launch.oom_score, launch.oom_score_bytes);
        ::close(file);
    }

    const int report = moved_up(launch.report), input = moved_up(launch.input);
    const int output = moved_up(launch.output), error = moved_up(launch.error);
    const int channel = launch.channel < 0 ? -1 : moved_up(launch.channel);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(error, STDERR_FILENO);
    int last = STDERR_FILENO;
    if (channel >= 0)
        last = ::dup2(channel, channel_descriptor);
    const int last_report = ::dup3(report, ++last, O_CLOEXEC);
    ::syscall(SYS_close_range, static_cast<unsigned>(last) + 1, UINT_MAX, 0U);

    ::execve(launch.program, launch.arguments, launch.environment);
    give_up(last_report);
}

cpu_set_t set_of(const std::vector<int>& cpus)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : cpus)
        CPU_SET(static_cast<unsigned>(cpu), &set);
    return set;
}

Failure failure_of(const ChildCommand& command, int error)
{
    return {ExitCode::failure, "cannot run " + command.program.string() + ": " + std::strerror(error)};
}

// No handler of ours may run in the child while it still is a copy of us.
class SignalsBlocked {
public:
    SignalsBlocked()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_;
};

// What the child says on its way to exec: an errno, or nothing when exec closed the pipe.
int reported(int report)
{
    int reason = 0;
    ssize_t got = 0;
    do
        got = ::read(report, &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    return got == sizeof reason ? reason : 0;
}

} // namespace

std::string describe(const ChildExit& exit)
{
    if (exit.code)
        return "exit status " + std::to_string(*exit.code);
    if (exit.signal) {
        const char* name = ::sigabbrev_np(*exit.signal);
        return name != nullptr ? std::string("killed by SIG") + name
                               : "killed by signal " + std::to_string(*exit.signal);
    }
    return "ended";
}

Result<ChildProcess> ChildProcess::spawn(const ChildCommand& command)
{
    std::vector<std::string> arguments{command.program.string()};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    auto environment = child_environment();
    const auto argument_pointers = pointers_to(arguments);
    const auto environment_pointers = pointers_to(environment);
    const auto oom_score = raised_oom_score();
    const auto cpus = set_of(command.cpus);

    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return failure_of(command, errno);
    const Descriptor report_here(ends[0]);
    Descriptor report_there(ends[1]);
    const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing)
        return failure_of(command, errno);

    const Launch launch{
        .program = arguments.front().c_str(),
        .arguments = argument_pointers.data(),
        .environment = environment_pointers.data(),
        .oom_score = oom_score.data(),
        .oom_score_bytes = oom_score.size(),
        .input = nothing.number(),
        .output = command.standard_output < 0 ? STDOUT_FILENO : command.standard_output,
        .error = command.standard_error < 0 ? STDERR_FILENO : command.standard_error,
        .channel = command.channel,
        .report = report_there.number(),
        .descriptors = descriptor_limit_at_start(),
        .parent = ::getpid(),
        .cpus = command.cpus.empty() ? nullptr : &cpus,
    };
    pid_t pid = -1;
    {
        const SignalsBlocked blocked;
        pid = ::fork();
        if (pid == 0)
            become(launch);
    }
    if (pid < 0)
        return failure_of(command, errno);
    report_there.reset();

    // The number stays the child's until we reap it, so this opens no stranger.
    Descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const int pidfd_error = errno;
    const int reason = reported(report_here.number());
    if (!pidfd || reason != 0) {
        ::kill(pid, SIGKILL);
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR)
            ;
        return failure_of(command, reason != 0 ? reason : pidfd_error);
    }
    return ChildProcess(pid, std::move(pidfd));
}

ChildProcess::~ChildProcess()
{
    if (!pidfd_)
        return;
    kill();
    siginfo_t info{};
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.number()), &info, WEXITED) < 0 && errno == EINTR)
        ;
}

// Not a duplicate: O_NONBLOCK, which Asio sets, would be shared, and makes waitid fail where it should wait.
Descriptor ChildProcess::exit_descriptor() const
{
    return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

void ChildProcess::kill() noexcept
{
    if (pidfd_)
        ::syscall(SYS_pidfd_send_signal, pidfd_.number(), SIGKILL, nullptr, 0U);
}

std::optional<ChildExit> ChildProcess::reap() noexcept
{
    siginfo_t info{};
    const int outcome = ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.number()), &info, WEXITED | WNOHANG);
    if (outcome == 0 && info.si_pid == 0)
        return std::nullopt;
    if (outcome < 0 && errno == EINTR)
        return std::nullopt;
    pidfd_.reset();
    if (outcome < 0)
        return ChildExit{}; // somebody ignores SIGCHLD, and the kernel reaped it for us
    return info.si_code == CLD_EXITED ? ChildExit{.code = info.si_status, .signal = std::nullopt}
                                      : ChildExit{.code = std::nullopt, .signal = info.si_status};
}

} // namespace embedd::daemon
