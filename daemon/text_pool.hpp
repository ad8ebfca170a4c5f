#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace embedd::daemon {

// Threads for what would hold up the event loop: long texts and large answers. Work is handed values and
// leaves values; nothing of the daemon's state is touched outside the loop.
class TextPool {
public:
    TextPool(boost::asio::any_io_executor loop, unsigned threads);
    ~TextPool(); // after the work that has begun; what waits is dropped
    TextPool(const TextPool&) = delete;
    TextPool& operator=(const TextPool&) = delete;

    // `work` on a thread of the pool, which must not throw, then `done` on the loop.
    void run(std::function<void()> work, std::function<void()> done);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace embedd::daemon
