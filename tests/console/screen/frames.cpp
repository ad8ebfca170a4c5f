#include "tests/console/screen/scenes.hpp"

#include <limits>
#include <utility>

namespace embedd::console::screen::test {

namespace {

constexpr Size small{80, 24}, large{140, 45};

Model rewarming()
{
    auto model = pressed(asked(watched(130)), "y");
    auto status = serving(261);
    status.state = "rewarming";
    status.replicas[1].state = "warming";
    model = told(std::move(model), std::move(status), model.now_us + 1'000'000);
    model = told(std::move(model), ProgressCame{{.replica = 0, .done = 24, .total = 24, .rows = 512}});
    return told(std::move(model), ProgressCame{{.replica = 1, .done = 15, .total = 24, .rows = 256}});
}

Model rewarmed()
{
    auto model = rewarming();
    ipc::RewarmReply reply{.replicas = {0, 1}, .cells = 24, .report = report()};
    reply.report->memory_before_bytes = 700 * mib;
    reply.report->memory_after_bytes = 680 * mib;
    model = told(std::move(model), OperationEnded{.now_us = model.now_us + 3'000'000, .reply = reply});
    auto status = serving(265);
    status.warmup.epoch = 2;
    return told(std::move(model), std::move(status), model.now_us + 4'000'000);
}

void on_a_device(ipc::Status& status)
{
    status.devices = {{.id = "cuda:0",
                       .name = "NVIDIA H200",
                       .total_bytes = 1024 * gib,
                       .used_bytes = 300 * gib,
                       .utilization = 0.66,
                       .power_w = 612.4,
                       .temperature_c = 58,
                       .sm_clock_mhz = 1755,
                       .throttled = std::vector<std::string>{}}};
    for (auto& replica : status.replicas)
        replica.memory = {.weights_bytes = 20 * gib,
                          .active_bytes = 60 * gib,
                          .reserved_bytes = 120 * gib,
                          .peak_bytes = 180 * gib,
                          .graphs_bytes = 3 * gib,
                          .rss_bytes = 2 * gib,
                          .alloc_retries = 3,
                          .ooms = 1};
}

void on_two_devices(ipc::Status& status)
{
    on_a_device(status);
    status.devices.push_back({.id = "cuda:1",
                              .name = "NVIDIA H200",
                              .total_bytes = 141 * gib,
                              .used_bytes = 60 * gib,
                              .utilization = 0.34,
                              .power_w = 402,
                              .temperature_c = 71,
                              .sm_clock_mhz = 1410,
                              .throttled = std::vector<std::string>{"sw_power_cap"}});
    for (auto& replica : status.replicas)
        replica.memory.alloc_retries = replica.memory.ooms = replica.memory.graphs_bytes = std::nullopt;
}

void hostile(ipc::Status& status)
{
    constexpr auto* escape = "\x1b[31m\x1b]0;owned\x07 \xC2\x9B name \xFF\xE2\x80\xAE";
    status.model->name = status.model->dtype = escape;
    status.replicas[0].device = status.replicas[0].state = escape;
    status.clients[0].client = status.clients[0].command.emplace() = escape;
    status.events[0].text = escape;
    status.reason = escape;
    status.latency[escape][escape] = {};
    status.warmup.cold_hits = {
        .total = 1, .by_cause = {{escape, 1}}, .recent = {{.cause = escape, .task = escape, .rows = 1}}};
    status.warmup.idle.mode = escape;
}

void huge(ipc::Status& status)
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    status.uptime_us = most - 1;
    status.counters.requests = status.counters.tokens = status.counters.inputs = most;
    status.late = {.requests = most, .queue_us = most, .forward_us = most, .total_us = 1};
    status.counters.errors["internal"] = status.counters.cancelled = most;
    status.queue = {.requests = most, .tokens = most, .oldest_us = most, .capacity_tokens = most};
    status.warmup.epoch = status.warmup.cold_hits.total = most;
    for (auto& replica : status.replicas) {
        replica.id = replica.lanes = replica.batches = replica.tokens = replica.busy_us = replica.restarts =
            replica.errors = most;
        replica.pid = std::numeric_limits<std::int64_t>::min();
        replica.memory.rss_bytes = replica.memory.peak_bytes = replica.memory.weights_bytes = most;
        replica.forward_p50_us = most;
    }
    status.latency["embed"]["total"].buckets = {{most, most}, {1, most}, {most, 3}, {0, 7}};
    status.latency["embed"]["total"].max_us = most;
    status.clients[0].uid = status.clients[0].requests = status.clients[0].tokens = most;
    for (auto& cell : status.warmup.last->cells)
        cell.rows = cell.length = cell.concurrency = cell.first_us.emplace() = most;
}

Model with(void (*change)(ipc::Status&), std::size_t replicas = 2)
{
    return watched(70, replicas, change);
}

Model phases(void (*change)(ipc::Status&))
{
    auto status = starting();
    change(status);
    return told(opened(), std::move(status), 1'000'000'000);
}

void degraded(ipc::Status& status)
{
    status.state = "degraded";
    status.reason = "replica 1 is dead: out of memory; it is tried again in 60 s";
    status.replicas[1].state = "dead";
    status.replicas[1].pid.reset();
    status.replicas[1].restarts = 4;
    status.replicas[1].errors = 12;
    status.replicas[1].memory = {};
    status.events.push_back(
        {.seq = 3, .mono_us = status.mono_us - 4'000'000, .level = "error", .text = "replica 1 was killed"});
}

Model silent()
{
    return told(watched(30), Ticked{.now_us = 1'060'000'000});
}

Model clock_went_back()
{
    return told(watched(30), Ticked{.now_us = 5});
}

Model anew() // the daemon was started again
{
    auto model = lost(watched(30));
    auto status = serving(25);
    status.pid = 5000;
    return told(std::move(model), std::move(status), model.now_us + 1'000'000);
}

Model few_answers() // too few for most percentiles
{
    auto model = opened();
    for (std::uint64_t s : {20, 21})
        model = told(std::move(model), serving(s), s * 1'000'000);
    return model;
}

Model refused()
{
    auto model = pressed(watched(30), "w");
    return told(std::move(model), DryRunAnswered{.action = {},
                                                 .reply = ipc::Error{ipc::ErrorType::forbidden,
                                                                     "only for admins", std::nullopt}});
}

Model first_lost()
{
    return lost(opened());
}

Model many_clients()
{
    return with([](ipc::Status& status) {
        for (std::int64_t pid = 0; pid < 40; ++pid)
            status.clients.push_back({.pid = 100 + pid, .uid = 1001, .client = "c" + std::to_string(pid)});
        status.other_clients = ipc::OtherClients{.connections = 7, .requests = 99};
    });
}

void named_long(ipc::Status& status)
{
    status.model->name = "a-model-with-a-name-of-exactly-40-letter";
}

Model quiet() // it serves, nobody asks
{
    return watched(30, 2, [](ipc::Status& status) {
        status.counters = {};
        status.latency.clear();
        status.late = {};
        for (auto& replica : status.replicas)
            replica.batches = replica.tokens = replica.busy_us = 0;
        status.queue = {};
        status.clients.clear();
        status.events.clear();
        status.warmup.last.reset();
    });
}

Model read_only()
{
    auto model = watched(30);
    model.access = Access::read_only;
    return model;
}

Model replayed()
{
    auto model = watched(30);
    model.access = Access::replay;
    return model;
}

Model rewarm_ended_here()
{
    auto model = pressed(rewarming(), "\x1by");
    return told(std::move(model), OperationEnded{.now_us = model.now_us + 1'000'000, .reply = EndedHere{}});
}

Model with_history()
{
    std::vector<ipc::Sample> history;
    for (std::uint64_t s = 40; s < 400; ++s)
        if (s < 300 || s > 320) // the past has a hole
            history.push_back(moment_of(serving(s)).sample);
    return told(opened(),
                StatusCame{.now_us = 9, .wall_time = "", .status = serving(400), .history = history});
}

void cold(ipc::Status& status)
{
    auto& hits = status.warmup.cold_hits;
    hits.total = 37;
    hits.by_cause = {{"rung", 30}, {"slow", 7}, {"alloc", 0}};
    for (std::uint64_t i = 0; i < 24; ++i)
        hits.recent.push_back({.mono_us = status.mono_us - (24 - i) * 7'300'000,
                               .cause = i % 5 == 4 ? "slow" : "rung",
                               .task = "embed",
                               .rows = 64 * (i + 1),
                               .length = 8 * (i + 1),
                               .took_us = 12'300 + 900 * i,
                               .expected_us = i % 7 == 6 ? std::nullopt : std::optional{4'100 + 500 * i}});
}

// Warm-up was left out: the first requests were it.
void left_out(ipc::Status& status)
{
    cold(status);
    status.warmup.state = "skipped";
    status.warmup.last.reset();
    status.warmup.cold_start = ipc::ColdStart{.shapes = 12, .first_us = 830'000, .steady_us = 120'000};
    status.warmup.idle = {.mode = "auto",
                          .cost = {{20'000, 1.26}, {100'000, 1.3}, {2'000'000, 1.8}},
                          .ticks = 3700,
                          .cpu_fraction = 0.004};
}

void gpu_starting(ipc::Status& status)
{
    status.phases[3].children = {status.phases[0], status.phases[1]};
    status.phases[5].state = "failed";
    status.state = "failed";
    status.reason = "warmup.lengths: out of memory on cuda:0";
}

// The tokenizer is read beside the weights, and nothing is known of an earlier start.
void overlapping(ipc::Status& status)
{
    status.phases[1].duration_us = 2'900'000;
    for (auto& phase : status.phases)
        phase.last_time_us.reset();
}

} // namespace

std::vector<Frame> frames()
{
    const auto steady = watched(130);
    return {
        {"start-up-80x24", phases([](ipc::Status&) {}), small},
        {"start-up-140x45", phases([](ipc::Status&) {}), large, GlyphSet::block},
        {"start-overlapping-140x45", phases(overlapping), large, GlyphSet::block},
        {"start-failed", phases(gpu_starting), small},
        {"start-without-phases", phases([](ipc::Status& status) { status.phases.clear(); }), small},
        {"steady-80x24", steady, small},
        {"steady-80x24-line", steady, small, GlyphSet::line},
        {"steady-140x45", steady, large, GlyphSet::block},
        {"steady-250x80", steady, {250, 80}, GlyphSet::block},
        {"steady-100x50", steady, {100, 50}, GlyphSet::block},
        {"steady-80x23", steady, {80, 23}},
        {"steady-80x16", steady, {80, 16}},
        {"steady-60x12", steady, {60, 12}},
        {"steady-59x11", steady, {59, 11}},
        {"steady-20x5", steady, {20, 5}},
        {"steady-5x2", steady, {5, 2}},
        {"steady-1x1", steady, {1, 1}},
        {"confirm-80x24", asked(steady), small},
        {"confirm-asking", pressed(steady, "w"), small},
        {"confirm-refused", refused(), small},
        {"confirm-restart", pressed(steady, "jr"), small},
        {"confirm-20x5", asked(steady), {20, 5}},
        {"rewarm-80x24", rewarming(), small},
        {"rewarm-140x45", rewarming(), large, GlyphSet::block},
        {"rewarm-of-another", with([](ipc::Status& status) { status.state = "rewarming"; }), small},
        {"rewarm-report-80x24", rewarmed(), small},
        {"rewarm-report-140x45", rewarmed(), large, GlyphSet::block},
        {"lost-80x24", lost(steady), small},
        {"lost-140x45", lost(steady), large, GlyphSet::block},
        {"lost-59x11", lost(steady), {59, 11}},
        {"lost-first", first_lost(), small},
        {"lost-while-paused", lost(pressed(steady, "p")), small},
        {"connecting", opened(), small},
        {"silent", silent(), small},
        {"clock-went-back", clock_went_back(), small},
        {"daemon-anew", anew(), small},
        {"degraded", with(degraded), small},
        {"degraded-140x45", with(degraded), large, GlyphSet::block},
        {"help-80x24", pressed(steady, "?"), small},
        {"help-lost", pressed(lost(steady), "?"), small},
        {"help-140x45", pressed(steady, "?"), large, GlyphSet::block},
        {"events", pressed(with(degraded), "e"), small},
        {"no-traffic", quiet(), small},
        {"no-traffic-140x45", quiet(), large, GlyphSet::block},
        {"one-status", told(opened(), serving(130), 1), small},
        {"few-answers", few_answers(), small},
        {"sixteen-replicas", with([](ipc::Status&) {}, 16), small},
        {"sixteen-replicas-140x45", with([](ipc::Status&) {}, 16), large, GlyphSet::block},
        {"no-replica", with([](ipc::Status&) {}, 0), small},
        {"device-of-1-tib", with(on_a_device), small},
        {"device-of-1-tib-140x45", with(on_a_device), large, GlyphSet::block},
        {"device-zoomed", pressed(with(on_a_device), "\t\t\t\t\t\t\t\t\n"), small},
        {"two-devices-140x45", with(on_two_devices), large, GlyphSet::block},
        {"name-of-40-letters", with(named_long), small},
        {"escape-sequences", with(hostile), large},
        {"escape-sequences-in-clients", pressed(with(hostile), "mmmm\n"), small},
        {"escape-sequences-in-cold-hits", pressed(with(hostile), "mmm\n"), small},
        {"unknown-state", with([](ipc::Status& status) { status.state = "hibernating-for-the-winter"; }),
         small},
        {"huge-numbers", with(huge), large, GlyphSet::block},
        {"huge-numbers-80x24", with(huge), small},
        {"many-clients", pressed(many_clients(), "mmmm\njjj"), small},
        {"warm-up-report", pressed(steady, "mm\n"), small},
        {"warm-up-left-out", pressed(with(left_out), "mm"), small},
        {"warm-up-left-out-140x45", pressed(with(left_out), "mm"), large, GlyphSet::block},
        {"cold-hits", pressed(with(cold), "mmm"), small},
        {"cold-hits-zoomed", pressed(with(cold), "mmm\nj"), small},
        {"cold-hits-140x45", pressed(with(cold), "mmm"), large, GlyphSet::block},
        {"cold-hits-none", pressed(steady, "mmm"), small},
        {"histogram", pressed(steady, "m\n"), small, GlyphSet::block},
        {"window-60s-forward", pressed(steady, "tss"), small},
        {"window-since-warm-up", pressed(steady, "tt"), large, GlyphSet::block},
        {"paused", told(pressed(steady, "p"), serving(262), 1'132'000'000), small},
        {"read-only", read_only(), small},
        {"replay", replayed(), small},
        {"replay-ended", lost(replayed()), small},
        {"rewarm-ended-here", rewarm_ended_here(), small},
        {"not-permitted", pressed(with([](ipc::Status& status) { status.may.clear(); }), "w"), small},
        {"draining", with([](ipc::Status& status) { status.state = "draining"; }), small},
        {"reload-failed", with([](ipc::Status& status) {
             status.reload = {
                 .state = "failed", .model = "/models/other", .reason = "config.json is missing"};
         }),
         small},
        {"history-with-a-hole", with_history(), large, GlyphSet::block},
    };
}

} // namespace embedd::console::screen::test
