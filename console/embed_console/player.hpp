#pragma once

#include "console/embed_console/inbox.hpp"
#include "console/embed_console/recording.hpp"

#include <filesystem>
#include <thread>

namespace embedd::console {

// A thread that plays a recording into the inbox, as fast as it came. The inbox outlives it.
class Player {
public:
    Player(const std::filesystem::path& file, Inbox&);

private:
    Recording recording_;
    std::jthread thread_; // last: it uses the recording
};

} // namespace embedd::console
