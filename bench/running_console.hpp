#pragma once

#include "bench/child.hpp"
#include "bench/pseudo_terminal.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace embedd::bench {

// A real embed-console on a terminal of its own. Ended with this object, without ceremony: one that is
// stopped or whose terminal nobody reads would not heed a request.
class RunningConsole {
public:
    struct Plan {
        std::string program;
        std::filesystem::path socket;
        std::chrono::milliseconds interval;
    };
    RunningConsole(const Plan&, PseudoTerminal::Reader);
    ~RunningConsole();
    RunningConsole(const RunningConsole&) = delete;
    RunningConsole& operator=(const RunningConsole&) = delete;

    // Both throw std::runtime_error where it ended by itself.
    void wait_until_drawn(std::chrono::seconds limit); // also where that takes longer
    [[nodiscard]] pid_t pid();

    void stop() const; // as by SIGSTOP

    [[nodiscard]] PseudoTerminal& terminal() noexcept { return terminal_; }

private:
    std::string program_;
    PseudoTerminal terminal_;
    Child child_; // last: it ends before its terminal
};

} // namespace embedd::bench
