// The benchmarks under load against the whole daemon with a fake worker.
#include "bench/chaos.hpp"
#include "bench/fairness.hpp"
#include "bench/overload.hpp"
#include "bench/own_daemon.hpp"
#include "bench/watched_window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace embedd::bench {
namespace {

using testing::Gt;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

const std::vector<std::string> daemon_command{EMBEDD_PROGRAM, "--model", EMBEDD_TEST_MODEL, "--worker",
                                              EMBEDD_FAKE_WORKER};

class MeasuredFairness : public testing::Test {
protected:
    [[nodiscard]] FairnessOptions options() const
    {
        return {.socket = daemon_.socket(), .time = 500ms, .pairs = 2, .bulk_texts = 500};
    }

private:
    OwnDaemon daemon_{daemon_command};
};

TEST_F(MeasuredFairness, SetsInteractiveLatencyBesideBulkWorkAgainstItsBound)
{
    const auto measured = measure_interference(options());

    EXPECT_TRUE(measured.alone_p99);
    EXPECT_TRUE(measured.beside_p99);
    EXPECT_TRUE(measured.full_batch);
    EXPECT_TRUE(measured.bound());
}

TEST_F(MeasuredFairness, TellsSharesOfEqualsAndOfPriorities)
{
    EXPECT_TRUE(measure_equal_shares(options()).of_first());
    EXPECT_TRUE(measure_floor(options()).of_first());
}

TEST_F(MeasuredFairness, ComparesManyClientsWithOnePairByPair)
{
    const auto measured = measure_gathering(options(), TextKind::short_);

    EXPECT_THAT(measured.many, SizeIs(2));
    EXPECT_THAT(measured.one, SizeIs(2));
    EXPECT_THAT(measured.ratios, SizeIs(2));
}

TEST(MeasuredOverload, AccountsForEveryRequestThatWasSent)
{
    const OwnDaemon daemon{daemon_command};
    std::vector<std::string> steps;

    const auto measured = measure_overload(
        {.socket = daemon.socket(), .daemon = daemon.pid(), .capacity = 500ms, .time = 1s, .afterwards = 2s},
        [&steps](const std::string& step) { steps.push_back(step); });

    const auto& load = measured.load;
    EXPECT_THAT(steps, SizeIs(3));
    EXPECT_THAT(measured.capacity_tokens, Gt(0));
    EXPECT_THAT(load.sent, Gt(0U));
    EXPECT_EQ(load.in_time + load.late + load.deadline_exceeded + load.overloaded + load.unanswered,
              load.sent);
    EXPECT_THAT(load.other, IsEmpty());
    EXPECT_EQ(measured.before.peak(measured.peak).resident_bytes, measured.peak.resident_bytes);
    EXPECT_THAT(measured.tokens_after, SizeIs(2));
}

TEST(WatchedWindows, TellOfConsolesThatDrawWhoeverElseDoesNot)
{
    const OwnDaemon daemon{daemon_command};

    const auto windows = watch_windows({.socket = daemon.socket(),
                                        .daemon = daemon.pid(),
                                        .console = EMBEDD_TEST_CONSOLE,
                                        .consoles = 2,
                                        .interval = 100ms,
                                        .time = 1s,
                                        .rounds = 1,
                                        .clients = 4},
                                       [](const std::string&) {});

    ASSERT_THAT(windows, SizeIs(5));
    for (const auto& window : windows) {
        EXPECT_THAT(window.daemon_core, Gt(0));
        EXPECT_EQ(window.tokens_per_second > 0, window.loaded);
        EXPECT_THAT(window.consoles, SizeIs(window.watchers == Watchers::none ? 0 : 2));
        for (const auto& console : window.consoles) {
            EXPECT_THAT(console.core, Gt(0));
            EXPECT_THAT(console.bytes_per_second, Gt(0));
            EXPECT_THAT(console.memory.resident_bytes, Gt(0U));
        }
    }
}

// What clients of a daemon that is killed, frozen and corrupted again and again may notice is latency.
TEST(Chaos, LosesNoRequestAnswersNoneTwiceAndNoneWrongly)
{
    const PrivateDirectory faults;
    std::vector<std::string> events;

    const auto chaos = measure_chaos(
        {.daemon = daemon_command, .faults = faults.path(), .events = 20, .steady = 300ms, .pause = 5ms},
        [&events](const std::string& event) { events.push_back(event); });

    EXPECT_THAT(missed_bars(chaos), IsEmpty());
    EXPECT_THAT(events, SizeIs(20));
    EXPECT_EQ(chaos.tally.answered, chaos.tally.requests);
}

} // namespace
} // namespace embedd::bench
