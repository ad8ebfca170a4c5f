#pragma once

#include "ipc/histogram.hpp"
#include "ipc/reply.hpp"
#include "ipc/status.hpp"

#include <cstdint>
#include <limits>

namespace embedd::daemon {

// What the slowest answers of a task were slow by. One is late that took longer than the p99 of the last
// seconds that are complete: the p99 of those under way is known only when they are over, and that of all
// time would call a busy hour late as a whole. Counts only grow. A value; an answer costs it a bucket and a
// comparison.
class Lateness {
public:
    // Seconds are taken together until they hold so many answers: of fewer the p99 is the slowest one. Until
    // then the p99 before holds, and at first no answer is late.
    static constexpr std::uint64_t enough = 100;

    void answered(const ipc::Timing&) noexcept;
    void second_ended() noexcept;

    [[nodiscard]] const ipc::LateRequests& late() const noexcept { return late_; }

private:
    ipc::Histogram seconds_; // totals since the p99 was taken
    std::uint64_t above_us_ = std::numeric_limits<std::uint64_t>::max();
    ipc::LateRequests late_;
};

} // namespace embedd::daemon
