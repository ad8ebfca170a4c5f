#pragma once

#include "console/screen/history.hpp"
#include "ipc/reply.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::console::screen {

// The way to the daemon. Times are of the console's own steady clock, in µs.
struct Link {
    enum class State : std::uint8_t { connecting, live, lost };

    State state = State::connecting;
    std::string socket;
    std::string why;         // it was lost
    std::uint64_t tries = 0; // since then
    std::optional<std::uint64_t> retry_at_us;
};

enum class Pane : std::uint8_t {
    header,
    notice,
    summary,
    throughput,
    memory,
    operation,
    replicas,
    phases,
    warm_up,
    latency,
    histogram,
    heatmap,
    cold_hits,
    clients,
    events,
    keys
};

// What an operator can have the daemon do from here, each only after its confirmation.
struct Action {
    enum class Kind : std::uint8_t { rewarm, restart_replica, cancel };

    Kind kind = Kind::rewarm;
    std::uint64_t replica = 0; // of restart_replica

    friend bool operator==(const Action&, const Action&) = default;
};

// The question before it. Cancel has the focus.
struct Dialog {
    enum class Stage : std::uint8_t { asking, answered, refused };

    Action action;
    Stage stage = Stage::asking; // the daemon's dry run: y does nothing before it is answered
    std::string answer;          // what the daemon said of scope and estimate, or why it refused
    bool quits = false;          // asked as the operator leaves: y ends the re-warm with the console
};

// What this console had the daemon do: how far it is, and its report until it is closed.
struct Operation {
    Action action;
    std::uint64_t started_us = 0;
    std::optional<std::uint64_t> ended_us;
    std::map<std::uint64_t, ipc::Progress> progress; // the last of each replica
    std::optional<ipc::WarmUpReport> report;
    std::string result; // one line, once it ended
};

struct View {
    Window window = Window::ten_seconds;
    std::string stage = "total";
    Pane lower = Pane::heatmap;
    Pane focus = Pane::replicas;
    bool zoomed = false; // the focused pane alone
    bool help = false;
    bool ascii = false;
    std::size_t replica = 0;  // selected: its place in the status
    std::size_t scrolled = 0; // rows of the focused pane above its first
};

// What may be asked of the daemon from here. replay: there is none, a recording is shown.
enum class Access : std::uint8_t { full, read_only, replay };
// In a word, for people; nothing of full.
[[nodiscard]] std::string_view word_of(Access) noexcept;

// All the console knows.
struct Model {
    Link link;
    Record record;
    std::optional<Record> frozen; // what is drawn while paused
    std::uint64_t frozen_us = 0;
    std::uint64_t now_us = 0;
    std::uint64_t interval_us = 1'000'000;
    Access access = Access::full;
    std::optional<Dialog> dialog;
    std::optional<Operation> operation;
    std::string message; // why a key did nothing, what an export wrote; until the next key
    View view;

    [[nodiscard]] const Record& drawn() const noexcept { return frozen ? *frozen : record; }
};

// Time since the last status came; a clock that went back counts as none.
[[nodiscard]] std::uint64_t age_us(const Model&) noexcept;
// The data cannot be taken for the present: no link, or nothing heard for two intervals.
[[nodiscard]] bool is_old(const Model&) noexcept;
// The pane's list has so many rows.
[[nodiscard]] std::size_t rows_of(const Model&, Pane) noexcept;

} // namespace embedd::console::screen
