#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace embedd::model {

// Whose turn it is among the lanes: one lane at a time has the turn, the others compute or wait for it. The
// one that has it may call all of them to a piece of work.
class Turns {
public:
    using Work = std::function<void(std::size_t place)>;

    explicit Turns(std::size_t lanes) : seen_(lanes) {}

    [[nodiscard]] std::size_t lanes() const { return seen_.size(); }

    // Blocks until the calling lane has the turn; takes part in shared work meanwhile.
    void wait(std::size_t lane);

    // Takes the turn where nobody has it and `wanted` holds, else returns false at once.
    [[nodiscard]] bool take_if(const std::function<bool()>& wanted);

    void end();

    // By the lane that has the turn: runs work on all lanes at once, each a place of its own, the caller 0,
    // and returns when all are done. A lane that computes comes when it has finished.
    void run_on_all(const Work& work);

private:
    std::mutex mutex_;
    std::condition_variable changed_; // the turn is free or there is shared work
    std::condition_variable done_;    // shared work is
    bool taken_ = false;

    const Work* work_ = nullptr;
    std::uint64_t works_ = 0;         // handed out so far
    std::vector<std::uint64_t> seen_; // by lane: the last it took part in
    std::size_t places_ = 0;          // of the current work, taken
    std::size_t unfinished_ = 0;
};

} // namespace embedd::model
