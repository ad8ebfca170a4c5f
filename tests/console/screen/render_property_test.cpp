#include "console/screen/render.hpp"
#include "tests/console/screen/scenes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <string>
#include <utility>

// What holds for every model at every size.
namespace embedd::console::screen::test {
namespace {

class Chance {
public:
    explicit Chance(std::uint32_t seed) : engine_(seed) {}

    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    bool once_in(std::uint64_t times) { return below(times) == 0; }

    std::uint64_t number()
    {
        constexpr std::array<std::uint64_t, 8> odd{
            0,          1,          63,         1'000'000,
            1ULL << 40, 1ULL << 62, 1ULL << 63, std::numeric_limits<std::uint64_t>::max()};
        return once_in(3) ? odd[below(odd.size())] : below(1'000'000);
    }

    std::optional<std::uint64_t> maybe() { return once_in(3) ? std::nullopt : std::optional{number()}; }

    double fraction()
    {
        constexpr std::array<double, 6> odd{0,
                                            1,
                                            -1,
                                            1e300,
                                            std::numeric_limits<double>::infinity(),
                                            std::numeric_limits<double>::quiet_NaN()};
        return odd[below(odd.size())];
    }

    std::string text()
    {
        constexpr std::array<std::string_view, 9> words{"ready",     "warming",         "degraded",
                                                        "dead",      "\x1b[31m\x1b[2J", "日本語",
                                                        "é\xCC\x81", "\xFF\xFE",        "\xE2\x80\xAE"};
        std::string text;
        for (auto parts = below(4); parts > 0; --parts)
            text += words[below(words.size())];
        return once_in(20) ? text + std::string(3000, 'x') : text;
    }

private:
    std::mt19937 engine_;
};

ipc::PhaseStatus phase(Chance& chance, int depth)
{
    ipc::PhaseStatus phase{.name = chance.text(), .state = chance.once_in(2) ? "running" : chance.text()};
    phase.started_us = chance.maybe();
    phase.duration_us = chance.maybe();
    phase.last_time_us = chance.maybe();
    phase.done = chance.maybe();
    phase.total = chance.maybe();
    phase.eta_us = chance.maybe();
    if (depth < 6 && chance.once_in(4))
        phase.children.push_back(screen::test::phase(chance, depth + 1));
    return phase;
}

ipc::Status any_status(Chance& chance)
{
    auto status = chance.once_in(2) ? serving(130 + chance.below(100), chance.below(17)) : starting();
    if (chance.once_in(2))
        status.state = chance.text();
    status.reason = chance.text();
    status.status_text = chance.text();
    status.mono_us = chance.number();
    status.uptime_us = chance.number();
    status.ready_at_us = chance.maybe();
    status.reload.state = chance.text();
    if (chance.once_in(3))
        status.model.reset();
    for (auto i = chance.below(12); i > 0; --i)
        status.phases.push_back(phase(chance, 0));
    for (auto i = chance.below(3); i > 0; --i)
        status.devices.push_back({.id = chance.text(),
                                  .total_bytes = chance.maybe(),
                                  .used_bytes = chance.maybe(),
                                  .utilization = chance.fraction(),
                                  .power_w = chance.fraction(),
                                  .temperature_c = chance.fraction(),
                                  .sm_clock_mhz = chance.maybe(),
                                  .throttled = std::vector{chance.text()}});
    for (auto& replica : status.replicas) {
        replica.id = chance.number();
        replica.state = replica.device = chance.text();
        replica.lanes = chance.number();
        replica.busy_us = chance.number();
        replica.memory = {.weights_bytes = chance.maybe(),
                          .active_bytes = chance.maybe(),
                          .reserved_bytes = chance.maybe(),
                          .peak_bytes = chance.maybe(),
                          .graphs_bytes = chance.maybe(),
                          .rss_bytes = chance.maybe(),
                          .ooms = chance.maybe()};
    }
    for (const auto& stage : stage_names())
        for (auto i = chance.below(60); i > 0; --i)
            status.latency["embed"][stage].buckets.emplace_back(chance.number(), chance.number());
    status.late = {.requests = chance.number(), .queue_us = chance.number(), .total_us = chance.number()};
    status.queue = {.requests = chance.number(), .oldest_us = chance.maybe()};
    status.warmup.epoch = chance.number();
    if (status.warmup.last)
        status.warmup.last->memory_available_bytes = chance.maybe();
    status.warmup.idle.cpu_fraction = chance.fraction();
    status.warmup.cold_hits.by_cause[chance.text()] = chance.number();
    for (auto i = chance.below(5); i > 0; --i)
        status.warmup.idle.cost.push_back({chance.number(), chance.fraction()});
    for (auto i = chance.below(40); i > 0; --i)
        status.warmup.cold_hits.recent.push_back({.mono_us = chance.number(),
                                                  .cause = chance.text(),
                                                  .task = chance.text(),
                                                  .rows = chance.number(),
                                                  .took_us = chance.maybe(),
                                                  .expected_us = chance.maybe()});
    if (chance.once_in(3))
        status.warmup.cold_start = ipc::ColdStart{chance.number(), chance.number(), chance.number()};
    for (auto i = chance.below(30); i > 0; --i)
        status.clients.push_back({.uid = chance.number(), .command = chance.text(), .client = chance.text()});
    for (auto i = chance.below(30); i > 0; --i)
        status.events.push_back({.mono_us = chance.number(), .level = chance.text(), .text = chance.text()});
    return status;
}

Key any_key(Chance& chance)
{
    constexpr std::string_view keys = "?hwWrctsSmpk+-qexaj yn\x0C";
    if (chance.once_in(4))
        return {.special = static_cast<Key::Special>(chance.below(9))};
    return {.character = static_cast<unsigned char>(keys[chance.below(keys.size())])};
}

std::vector<ipc::Sample> any_history(Chance& chance)
{
    std::vector<ipc::Sample> history;
    for (auto i = chance.below(40); i > 0; --i) {
        auto sample = moment_of(any_status(chance)).sample;
        sample.latency[chance.once_in(2) ? "total" : chance.text()].assign(chance.below(40), chance.number());
        history.push_back(std::move(sample));
    }
    return history;
}

Event any_event(Chance& chance)
{
    switch (chance.below(9)) {
    case 0:
        return Ticked{chance.number()};
    case 1:
        return LinkLost{chance.number(), chance.text(), chance.number(), chance.maybe()};
    case 2:
        return ProgressCame{{.replica = chance.number(),
                             .done = chance.number(),
                             .total = chance.number(),
                             .step = chance.text()}};
    case 3:
        return OperationEnded{chance.number(), ipc::RewarmReply{.report = report()}};
    case 4:
        return DryRunAnswered{{}, ipc::Error{.message = chance.text()}};
    case 5:
    case 6:
        return any_key(chance);
    default:
        return StatusCame{chance.number(), chance.text(), any_status(chance), any_history(chance)};
    }
}

// The word stands in the first row, as much of it as fits, and nothing but printable characters in any.
void expect_whole(const Model& model, Size size, GlyphSet set)
{
    const auto grid = render(model, size, set);
    ASSERT_EQ(grid.size(), size);
    const auto signs = model.view.ascii ? GlyphSet::ascii : set;
    Grid word{{size.width, 1}, glyphs(signs).repertoire};
    Canvas{word, {0, 0, size.width, 1}}.put(0, 0, state_of(model).word);
    ASSERT_NE(grid.row(0).find(word.row(0)), std::string::npos) << size.width << 'x' << size.height << "\n"
                                                                << grid.row(0);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const auto glyph = grid.at(x, y).glyph;
            const auto code = static_cast<std::uint32_t>(glyph);
            ASSERT_TRUE(code >= 0x20 && code != 0x7F && (code < 0x80 || code > 0xA0)) << code;
            ASSERT_TRUE(code < 0x80 || set != GlyphSet::ascii) << code;
        }
}

Size any_size(Chance& chance)
{
    if (chance.once_in(3))
        return {static_cast<int>(1 + chance.below(30)), static_cast<int>(1 + chance.below(15))};
    return {static_cast<int>(1 + chance.below(250)), static_cast<int>(1 + chance.below(80))};
}

TEST(Render, AnyModelIsDrawnWholeAtAnySize)
{
    Chance chance{20261121};
    for (int story = 0; story < 60; ++story) {
        auto model = opened();
        model.access = static_cast<Access>(chance.below(3));
        for (int step = 0; step < 12; ++step) {
            model = told(std::move(model), any_event(chance));
            const auto set = static_cast<GlyphSet>(chance.below(3));
            expect_whole(model, any_size(chance), set);
            if (HasFatalFailure())
                return;
        }
    }
}

TEST(Render, EveryFrameIsDrawnWholeAtSomeHundredSizes)
{
    Chance chance{7};
    const auto stories = frames();
    for (int i = 0; i < 600; ++i) {
        const auto& model = stories[chance.below(stories.size())].model;
        expect_whole(model, any_size(chance), static_cast<GlyphSet>(chance.below(3)));
        if (HasFatalFailure())
            return;
    }
}

TEST(Render, IsTheSameForTheSameModel)
{
    const auto model = watched(20);

    EXPECT_EQ(render(model, {80, 24}, GlyphSet::block), render(model, {80, 24}, GlyphSet::block));
}

TEST(Render, TheKeyForAsciiOverridesTheGlyphs)
{
    const auto model = watched(20);

    EXPECT_EQ(render(pressed(model, "a"), {80, 24}, GlyphSet::block),
              render(model, {80, 24}, GlyphSet::ascii));
}

TEST(Render, OldDataAreDimAndTheReasonIsNot)
{
    const auto grid = render(lost(watched(20)), {80, 24}, GlyphSet::ascii);

    EXPECT_EQ(grid.at(11, 0).style, Style::bad); // the state
    EXPECT_EQ(grid.at(2, 1).style, Style::bad);  // why
    for (int y = 3; y < 23; ++y)
        for (int x = 0; x < 80; ++x)
            EXPECT_TRUE(grid.at(x, y).glyph == U' ' || grid.at(x, y).style == Style::dim) << x << ' ' << y;
}

TEST(Render, CancelHasTheFocus)
{
    const auto grid = render(asked(watched(20)), {80, 24}, GlyphSet::ascii);

    std::string selected;
    for (int y = 0; y < 24; ++y)
        for (int x = 0; x < 80; ++x)
            if (grid.at(x, y).style == Style::selected)
                selected += static_cast<char>(grid.at(x, y).glyph);
    EXPECT_EQ(selected, "[ Cancel ]");
}

} // namespace
} // namespace embedd::console::screen::test
