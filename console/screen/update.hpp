#pragma once

#include "console/screen/keys.hpp"
#include "console/screen/model.hpp"
#include "ipc/error.hpp"
#include "ipc/reply.hpp"
#include "ipc/sample.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace embedd::console::screen {

// What happens to the console. `now_us` is of its steady clock.
struct Ticked {
    std::uint64_t now_us = 0;
};
struct Connecting {
    std::uint64_t now_us = 0;
};
struct StatusCame {
    std::uint64_t now_us = 0;
    std::string wall_time; // "14:06:31"
    ipc::Status status;
    std::vector<ipc::Sample> history; // of a subscription's first message
};
struct LinkLost {
    std::uint64_t now_us = 0;
    std::string why;
    std::uint64_t tries = 0;
    std::optional<std::uint64_t> retry_at_us;
};
// The operator ended what was asked for: no answer comes.
struct EndedHere {};
using Reply = std::variant<ipc::RewarmReply, ipc::RestartReplicaReply, ipc::Error, EndedHere>;
struct DryRunAnswered {
    Action action;
    Reply reply;
};
struct ProgressCame {
    ipc::Progress progress;
};
struct OperationEnded {
    std::uint64_t now_us = 0;
    Reply reply;
};
struct Noted {
    std::string text; // of the program, for the message line
};
using Event = std::variant<Ticked, Connecting, StatusCame, LinkLost, Key, DryRunAnswered, ProgressCame,
                           OperationEnded, Noted>;

// What the program is to do.
struct AskDryRun {
    Action action;
    friend bool operator==(const AskDryRun&, const AskDryRun&) = default;
};
struct Perform { // the only one that changes anything in the daemon: comes of `y` in an answered dialog alone
    Action action;
    friend bool operator==(const Perform&, const Perform&) = default;
};
struct Reconnect {
    friend bool operator==(const Reconnect&, const Reconnect&) = default;
};
struct SetInterval {
    std::uint64_t interval_us = 0;
    friend bool operator==(const SetInterval&, const SetInterval&) = default;
};
struct Export {
    friend bool operator==(const Export&, const Export&) = default;
};
struct Redraw {
    friend bool operator==(const Redraw&, const Redraw&) = default;
};
struct Suspend {
    friend bool operator==(const Suspend&, const Suspend&) = default;
};
struct Quit {
    friend bool operator==(const Quit&, const Quit&) = default;
};
using Command = std::variant<AskDryRun, Perform, Reconnect, SetInterval, Export, Redraw, Suspend, Quit>;

struct Step {
    Model model;
    std::vector<Command> commands;
};

// A pure function: the same model and event give the same step. Move the model in, it can be large.
[[nodiscard]] Step update(Model, const Event&);

} // namespace embedd::console::screen
