#include "bench/running_console.hpp"

#include "bench/let_pass.hpp"

#include <csignal>
#include <stdexcept>

namespace embedd::bench {

namespace {

// As on the terminals that most have: colours, and glyphs that take three bytes each.
std::vector<std::string> command_of(const RunningConsole::Plan& plan)
{
    return {"/usr/bin/env",   "TERM=xterm-256color",
            "LC_ALL=C.UTF-8", plan.program,
            "--socket",       plan.socket.string(),
            "--interval",     std::to_string(plan.interval.count()) + "ms",
            "--color",        "always",
            "--glyphs",       "block"};
}

} // namespace

RunningConsole::RunningConsole(const Plan& plan, PseudoTerminal::Reader reader)
    : program_(plan.program), terminal_(reader), child_(command_of(plan), terminal_.program_end())
{
}

RunningConsole::~RunningConsole()
{
    child_.signal(SIGKILL);
}

void RunningConsole::wait_until_drawn(std::chrono::seconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (terminal_.written().bytes == 0) {
        static_cast<void>(pid());
        if (std::chrono::steady_clock::now() >= deadline)
            throw std::runtime_error(program_ + " drew nothing within " + std::to_string(limit.count()) +
                                     " s");
        let_pass(std::chrono::milliseconds{10});
    }
}

pid_t RunningConsole::pid()
{
    if (const auto status = child_.ended())
        throw std::runtime_error(program_ + " ended by itself with wait status " + std::to_string(*status) +
                                 "; what it wrote above says why");
    return child_.pid();
}

void RunningConsole::stop() const
{
    child_.signal(SIGSTOP);
}

} // namespace embedd::bench
