#pragma once

#include "console/screen/update.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace embedd::console {

// Events from other threads to the one that draws, which polls readable().
class Inbox {
public:
    static constexpr std::size_t most_waiting = 64; // then who brings more waits

    Inbox();
    ~Inbox();
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    // From any thread. False once it is closed: nobody will look at it.
    bool put(screen::Event event);
    void close();

    // For the thread that draws.
    [[nodiscard]] int readable() const noexcept { return signal_; }
    [[nodiscard]] std::vector<screen::Event> take();

private:
    const int signal_; // an eventfd
    std::mutex mutex_;
    std::condition_variable taken_;
    std::vector<screen::Event> waiting_;
    bool closed_ = false;
};

} // namespace embedd::console
