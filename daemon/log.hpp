#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace embedd::daemon {

enum class Level : std::uint8_t { debug, info, notice, warning, error };

[[nodiscard]] std::string_view to_string(Level) noexcept;

// Lines for the operator on stderr: with a "<N>" priority when stderr is the journal's, readable otherwise. A
// line is one write that never blocks the event loop for a reader that stopped: what does not fit is dropped
// and counted, and the count is said with the next line that fits. Control characters are escaped.
// Thread-safe.
class Log {
public:
    explicit Log(int descriptor, Level least = Level::info);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void write(Level, std::string_view line);

    void debug(std::string_view line) { write(Level::debug, line); }
    void info(std::string_view line) { write(Level::info, line); }
    void notice(std::string_view line) { write(Level::notice, line); }
    void warning(std::string_view line) { write(Level::warning, line); }
    void error(std::string_view line) { write(Level::error, line); }

    // Called with every line of info and above, on the thread that wrote it: the status object's events.
    void on_line(std::function<void(Level, std::string_view)> listener);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace embedd::daemon
