#pragma once

#include "console/command_line/target.hpp"
#include "console/embed_console/back_off.hpp"
#include "console/embed_console/inbox.hpp"
#include "console/embed_console/recording.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace embedd::console {

// A thread that hears what the daemon says and puts it into the inbox, and connects again for ever when
// nothing comes any more. The destructor ends it at once, whatever it waits for.
class Link {
public:
    struct Plan {
        Target target; // its timeout: how long a message may be late
        std::chrono::milliseconds interval;
        std::optional<std::filesystem::path> record; // a file to keep it in
    };
    // Throws std::runtime_error where the file cannot be made. The inbox outlives it.
    Link(Plan, Inbox&);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void retry_now();
    void set_interval(std::chrono::milliseconds);
    [[nodiscard]] std::string socket() const; // the one that was tried last; empty before the first

private:
    void run(const std::stop_token&);
    [[nodiscard]] std::optional<ipc::CallFailure>
    listen(const std::stop_token&); // nothing: begin anew at once
    void hear(ipc::SubscribeEvent);
    void lose(const std::stop_token&, const std::string& why);
    void keep(const Recorded&);

    const Target target_;
    Inbox& inbox_;
    BackOff back_off_; // of the thread
    std::optional<Recorder> recorder_;

    mutable std::mutex mutex_; // for what follows
    std::condition_variable_any changed_;
    std::chrono::milliseconds interval_;
    bool hurry_ = false; // do not wait for the next try
    ipc::Client* listening_ = nullptr;
    std::string socket_;

    std::jthread thread_; // last: it uses the others
};

} // namespace embedd::console
