#pragma once

#include "console/screen/update.hpp"

#include <cstddef>
#include <mutex>
#include <vector>

namespace embedd::console {

// Events from other threads to the one that draws, which polls readable(). Bounded without holding anybody
// up: while the terminal takes nothing, of each kind of event only the newest is kept beyond the limit.
class Inbox {
public:
    static constexpr std::size_t most_waiting = 64;

    Inbox();
    ~Inbox();
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    void put(screen::Event event); // from any thread

    // For the thread that draws.
    [[nodiscard]] int readable() const noexcept { return signal_; }
    [[nodiscard]] std::vector<screen::Event> take();

private:
    const int signal_; // an eventfd
    std::mutex mutex_;
    std::vector<screen::Event> waiting_;
};

} // namespace embedd::console
