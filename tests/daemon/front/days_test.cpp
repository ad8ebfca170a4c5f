#include "daemon/events.hpp"
#include "daemon/sample_history.hpp"
#include "daemon/subscriptions.hpp"

#include "tests/allocated.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

// What a daemon keeps for those who watch it, in the days that it runs.
class WatchedDaemon {
public:
    // The most that was allocated within the hour before.
    std::size_t run_until(Clock::duration end)
    {
        std::size_t most = 0;
        for (; now_.time_since_epoch() < end; now_ += 1s) {
            pass_a_second();
            if (now_.time_since_epoch() + 1h >= end)
                most = std::max(most, allocated());
        }
        return most;
    }

    [[nodiscard]] std::uint64_t told() const { return told_; }

private:
    void pass_a_second()
    {
        const auto second = static_cast<std::uint64_t>(now_.time_since_epoch() / 1s);
        history_.keep(sample(second), now_);
        if (second % 7 == 0)
            events_.add(Level::info, "a client left after " + std::to_string(second) + " s");
        if (second % 900 == 0)
            change_viewers(static_cast<uid_t>(1000 + second / 900));
        subscriptions_.tell(now_);
    }

    static ipc::Sample sample(std::uint64_t second)
    {
        ipc::Sample sample{.mono_us = second * 1'000'000, .state = "ready", .requests = 100 * second};
        for (const auto* stage : {"queue", "tokenize", "forward", "serialize", "total"})
            sample.latency[stage].assign(ipc::Sample::classes, second);
        return sample;
    }

    // One who reads and one who soon does not, each quarter of an hour of another user; those before leave.
    void change_viewers(uid_t uid)
    {
        for (const auto& viewer : viewers_)
            viewer->abandon();
        viewers_.clear();
        const Caller caller{.owner = {.uid = uid}, .name = {}};
        for (const bool reads : {true, false})
            viewers_.push_back(subscriptions_.begin(
                caller, std::uint64_t{1}, 10s,
                [this, reads, first = true](CallOutcome) mutable {
                    told_ += reads ? 1 : 0;
                    return std::exchange(first, false) || reads;
                },
                now_));
    }

    Clock::time_point now_{};
    std::uint64_t told_ = 0;
    SampleHistory history_;
    Events events_;
    ByteBudget memory_{64 << 20};
    Operations::Report report_ = [this](const Caller&) {
        ipc::Status status;
        status.mono_us = told_;
        status.events = events_.recent();
        return status;
    };
    Subscriptions subscriptions_{{.memory = memory_, .report = report_, .history = history_}};
    std::vector<std::shared_ptr<Call>> viewers_;
};

TEST(Days, OfBeingWatchedTakeADaemonNoMoreMemoryThanOneDoes)
{
    constexpr std::size_t small = 64 << 10, most = 8 << 20;
    WatchedDaemon daemon;

    const auto after_one = daemon.run_until(24h);
    const auto after_three = daemon.run_until(72h);

    EXPECT_NEAR(static_cast<double>(after_one), static_cast<double>(after_three), small);
    EXPECT_LT(after_three, most);
    EXPECT_GT(daemon.told(), 20'000U);
    RecordProperty("bytes_after_one", std::to_string(after_one));
    RecordProperty("bytes_after_three", std::to_string(after_three));
}

} // namespace
} // namespace embedd::daemon
