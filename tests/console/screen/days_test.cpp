#include "console/screen/render.hpp"
#include "console/screen/update.hpp"

#include "tests/allocated.hpp"
#include "tests/console/screen/scenes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// A console that is left open for days.
namespace embedd::console::screen::test {
namespace {

constexpr std::uint64_t second_us = Record::second_us;
constexpr std::uint64_t hour = 3600, day = 24 * hour;
constexpr std::uint64_t between_restarts = 7 * hour, between_rewarms = 50 * 60, between_losses = 13 * 60;

// What a daemon tells at a second of these days: its counts grow, clients come and go under new names, events
// follow each other, now and then it is another process or newly warmed.
ipc::Status status_at(std::uint64_t second)
{
    static const auto base = serving(200);
    const auto life = second / between_restarts, age = second % between_restarts;
    auto status = base;
    status.pid += static_cast<std::int64_t>(life);
    status.mono_us += second * second_us;
    status.uptime_us += age * second_us;
    for (auto* count : {&status.counters.requests, &status.counters.inputs, &status.counters.tokens})
        *count += age * 150;
    status.counters.errors["overloaded"] += age / 60;
    for (auto& replica : status.replicas) {
        replica.generation = life;
        replica.batches += age * 20;
        replica.busy_us += age * 600'000;
    }
    for (auto& [stage, latency] : status.latency["embed"])
        for (auto& [upper_us, count] : latency.buckets)
            count += age * (1 + upper_us % 7);
    status.warmup.epoch = 1 + age / between_rewarms;
    status.warmup.last->cells.resize(8 + status.warmup.epoch % 24);
    for (std::uint64_t i = 0; i < second / 40 % 32; ++i)
        status.clients.push_back({.pid = static_cast<std::int64_t>(second / 40 + i),
                                  .command = "client-of-the-" + std::to_string(second / 40 + i) + "th-minute",
                                  .requests = age * i});
    status.events.clear();
    for (std::uint64_t i = 0; i < 16; ++i)
        status.events.push_back(
            {.seq = second / 5 + i,
             .mono_us = status.mono_us,
             .level = "info",
             .text = "a client of uid " + std::to_string(second / 5 + i) + " was refused"});
    return status;
}

// The past that comes with the first message of a connection.
std::vector<ipc::Sample> past_of(const ipc::Status& status)
{
    auto sample = moment_of(status).sample;
    std::vector<ipc::Sample> past;
    for (std::uint64_t ago = Record::most_samples; ago > 0; --ago) {
        sample.mono_us = status.mono_us - ago * second_us;
        past.push_back(sample);
    }
    return past;
}

// What an operator does while a re-warm is due: asks for it, watches it, leaves its report open for a while.
Model rewarmed(Model model)
{
    model = pressed(asked(pressed(std::move(model), "\x1b")), "y");
    for (std::uint64_t done = 0; done < 24; ++done)
        model = told(std::move(model), ProgressCame{{.replica = done % 2, .done = done, .total = 24}});
    return told(std::move(model), OperationEnded{model.now_us, ipc::RewarmReply{.report = report()}});
}

class Console {
public:
    // The most that was allocated within the hour before.
    std::size_t watch_until(std::uint64_t end)
    {
        std::size_t most = 0;
        for (; second_ < end; ++second_) {
            hear();
            if (second_ + hour >= end)
                most = std::max(most, allocated());
        }
        return most;
    }

    [[nodiscard]] const Model& model() const { return model_; }

private:
    void hear()
    {
        const bool reconnects = second_ % between_losses == 0;
        if (reconnects)
            model_ = lost(std::move(model_));
        auto status = status_at(second_);
        auto past = reconnects ? past_of(status) : std::vector<ipc::Sample>{};
        model_ = told(std::move(model_), StatusCame{.now_us = second_ * second_us,
                                                    .wall_time = "14:06:31",
                                                    .status = std::move(status),
                                                    .history = std::move(past)});
        if (second_ % between_rewarms == 0)
            model_ = rewarmed(std::move(model_));
        if (second_ % hour == 1 || second_ % hour == 1200)
            model_ = pressed(std::move(model_), "p"); // paused, and not any more
        if (second_ % hour == 2)
            static_cast<void>(render(model_, {.width = 140, .height = 45}, GlyphSet::block));
    }

    std::uint64_t second_ = 0;
    Model model_ = opened();
};

TEST(Days, OfWatchingTakeNoMoreMemoryThanOneDoes)
{
    constexpr std::size_t small = 64 << 10, most = 8 << 20;
    Console console;

    const auto after_one = console.watch_until(day);
    const auto after_three = console.watch_until(3 * day);

    EXPECT_NEAR(static_cast<double>(after_one), static_cast<double>(after_three), small);
    EXPECT_LT(after_three, most);
    EXPECT_EQ(console.model().record.samples.size(), Record::most_samples);
    EXPECT_EQ(console.model().record.status->pid, status_at(3 * day - 1).pid);
    RecordProperty("bytes_after_one", std::to_string(after_one));
    RecordProperty("bytes_after_three", std::to_string(after_three));
}

} // namespace
} // namespace embedd::console::screen::test
