#include "model/worker/lanes.hpp"

#include "model/worker/dummy_batch.hpp"
#include "model/worker/resident.hpp"
#include "model/worker/thread_use.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace embedd::model {

namespace {

ipc::BatchFault fault_of(Errc code)
{
    switch (code) {
    case Errc::input_refused:
    case Errc::unsupported:
        return ipc::BatchFault::rejected;
    case Errc::out_of_memory:
        return ipc::BatchFault::out_of_memory;
    case Errc::file_refused:
    case Errc::internal:
        return ipc::BatchFault::internal;
    }
    return ipc::BatchFault::internal;
}

std::string first_line(std::string text)
{
    return text.substr(0, text.find('\n'));
}

// Beyond the ladder, which no planned batch is.
std::int64_t rung_for(const Ladder& ladder, std::int64_t tokens)
{
    constexpr std::int64_t step_beyond = 64;
    return tokens <= ladder.longest() ? ladder.rung_for(tokens)
                                      : (tokens + step_beyond - 1) / step_beyond * step_beyond;
}

// What is thrown on the way is an answer too.
template <class Work>
Result<void> guarded(const Work& work)
{
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return Failure{Errc::out_of_memory, "out of memory"};
    } catch (const std::exception& error) {
        return Failure{Errc::internal, first_line(error.what())};
    }
}

Result<void> forward(const Network& network, const PackedBatch& batch, std::int64_t rung,
                     std::span<float> out)
{
    return guarded([&] { return network.forward(batch, rung, out); });
}

Result<void> touch(const Network& network, std::int64_t rung)
{
    return guarded([&]() -> Result<void> {
        network.touch(rung);
        return {};
    });
}

} // namespace

Lanes::Lanes(Channel& channel, Activity& activity, const Network& network, Ladder ladder,
             std::int64_t vocabulary)
    : channel_(channel), activity_(activity), network_(network), ladder_(std::move(ladder)),
      vocabulary_(vocabulary)
{
}

void Lanes::run(std::size_t lanes)
{
    std::vector<std::jthread> others;
    for (std::size_t lane = 1; lane < lanes; ++lane)
        others.emplace_back([this, lane] { start(lane); });
    start(0);
    std::terminate(); // no lane returns
}

void Lanes::start(std::size_t lane)
{
    if (lane != 0) // the first is the main thread, whose name is the process's
        ::pthread_setname_np(::pthread_self(), "lane");
    try {
        prepare_lane();
        while (true)
            serve();
    } catch (const std::exception& error) {
        channel_.fail(ipc::WorkerExit::fault, first_line(error.what()));
    }
}

// Reads one message and does what it says.
void Lanes::serve()
{
    std::unique_lock turn(turn_);
    const auto incoming = channel_.read();
    // A batch counts as running before the turn ends, so that a lane that reads Stop next waits for it.
    if (const auto* batch = std::get_if<ipc::RunBatch>(&incoming.message)) {
        const Activity::Running running(activity_, batch->batch);
        turn.unlock();
        compute(*batch, incoming.payload);
    } else if (const auto* shape = std::get_if<ipc::VisitShape>(&incoming.message)) {
        const Activity::Running running(activity_, shape->batch);
        turn.unlock();
        visit(*shape);
    } else {
        stop();
    }
}

void Lanes::refuse(std::uint64_t batch, ipc::BatchFault fault, const std::string& why)
{
    channel_.send(ipc::BatchFailed{.batch = batch, .fault = fault, .message = why});
}

void Lanes::compute(const ipc::RunBatch& request, std::span<const std::byte> payload)
{
    if (request.task != "embed")
        return refuse(request.batch, ipc::BatchFault::rejected, "the model does not do this task");
    const auto inputs = ipc::decode_batch(request, payload);
    if (!inputs)
        return refuse(request.batch, ipc::BatchFault::rejected, inputs.error().message);
    if (inputs->ids.empty())
        return refuse(request.batch, ipc::BatchFault::rejected, "an empty batch");

    const auto rows = rung_for(ladder_, static_cast<std::int64_t>(inputs->ids.size()));
    std::vector<float> vectors(request.inputs * static_cast<std::size_t>(network_.dimensions()));
    const auto began = std::chrono::steady_clock::now();
    const auto before = thread_use();
    const auto done = forward(network_, {inputs->ids, inputs->offsets, inputs->type_ids}, rows, vectors);
    const auto use = thread_use() - before;
    const auto lasted = std::chrono::steady_clock::now() - began;
    if (!done)
        return refuse(request.batch, fault_of(done.error().code), done.error().detail);

    const auto wall = std::chrono::duration_cast<std::chrono::microseconds>(lasted);
    channel_.send(ipc::BatchDone{.batch = request.batch,
                                 .rows = static_cast<std::uint64_t>(rows),
                                 .forward_us = static_cast<std::uint64_t>(wall.count()),
                                 .cpu_us = use.cpu_us,
                                 .page_faults = use.page_faults},
                  std::as_bytes(std::span{vectors}));
}

void Lanes::visit(const ipc::VisitShape& request)
{
    constexpr std::uint64_t most_rows = 1 << 20;
    constexpr std::uint64_t most_passes = 64;
    const bool sane =
        request.rows > 0 && request.rows <= most_rows && request.length > 0 && request.passes <= most_passes;
    if (!sane || request.task != "embed")
        return refuse(request.batch, ipc::BatchFault::rejected, "no shape of this model");

    const auto rows = rung_for(ladder_, static_cast<std::int64_t>(request.rows));
    activity_.enter("warming up: " + std::to_string(rows) + " rows");
    const auto inputs = dummy_batch({.rows = static_cast<std::int64_t>(request.rows),
                                     .longest = static_cast<std::int64_t>(request.length),
                                     .uneven = request.uneven,
                                     .vocabulary = vocabulary_});
    std::vector<float> vectors((inputs.offsets.size() - 1) * static_cast<std::size_t>(network_.dimensions()));
    ipc::Visited visited{.batch = request.batch};
    for (std::uint64_t pass = 0; pass < std::max<std::uint64_t>(request.passes, 1); ++pass) {
        const auto before = thread_use();
        const auto done = request.passes == 0
                              ? touch(network_, rows)
                              : forward(network_, {inputs.ids, inputs.offsets, {}}, rows, vectors);
        if (!done)
            return refuse(request.batch, fault_of(done.error().code), done.error().detail);
        visited.cpu_us.push_back((thread_use() - before).cpu_us);
    }
    visited.finite = std::ranges::all_of(vectors, [](float value) { return std::isfinite(value); });
    visited.resident_bytes = resident_bytes();
    activity_.enter("serving");
    channel_.send(visited);
}

void Lanes::stop()
{
    activity_.wait_until_idle();
    ::_exit(static_cast<int>(ipc::WorkerExit::ok));
}

} // namespace embedd::model
