#include "model/worker/lanes.hpp"

#include "model/worker/dummy_batch.hpp"
#include "model/worker/resident.hpp"

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
    case Errc::device_missing:
    case Errc::device_fault:
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
Result<Pass> guarded(const Work& work)
{
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return Failure{Errc::out_of_memory, "out of memory"};
    } catch (const std::exception& error) {
        return Failure{Errc::internal, first_line(error.what())};
    }
}

} // namespace

Lanes::Lanes(Channel& channel, Activity& activity, Encoder& encoder, Ladder ladder, std::int64_t vocabulary)
    : channel_(channel), activity_(activity), encoder_(encoder), ladder_(std::move(ladder)),
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
        encoder_.enter_lane(lane);
        while (true)
            serve(lane);
    } catch (const std::exception& error) {
        channel_.fail(ipc::WorkerExit::fault, first_line(error.what()));
    }
}

// Reads one message and does what it says.
void Lanes::serve(std::size_t lane)
{
    std::unique_lock turn(turn_);
    const auto incoming = channel_.read();
    // A batch counts as running before the turn ends, so that a lane that reads Stop next waits for it.
    if (const auto* batch = std::get_if<ipc::RunBatch>(&incoming.message)) {
        const Activity::Running running(activity_, batch->batch);
        turn.unlock();
        compute(lane, *batch, incoming.payload);
    } else if (const auto* shape = std::get_if<ipc::VisitShape>(&incoming.message)) {
        const Activity::Running running(activity_, shape->batch);
        turn.unlock();
        visit(lane, *shape);
    } else {
        stop();
    }
}

void Lanes::refuse(std::uint64_t batch, ipc::BatchFault fault, const std::string& why)
{
    channel_.send(ipc::BatchFailed{.batch = batch, .fault = fault, .message = why});
}

// A device that lost its context computes nothing any more: the process ends, and its successor heals it.
void Lanes::refuse(std::uint64_t batch, const Failure& why)
{
    if (why.code == Errc::device_fault)
        channel_.fail(why);
    refuse(batch, fault_of(why.code), why.detail);
}

void Lanes::compute(std::size_t lane, const ipc::RunBatch& request, std::span<const std::byte> payload)
{
    if (request.task != "embed")
        return refuse(request.batch, ipc::BatchFault::rejected, "the model does not do this task");
    const auto inputs = ipc::decode_batch(request, payload);
    if (!inputs)
        return refuse(request.batch, ipc::BatchFault::rejected, inputs.error().message);
    if (inputs->ids.empty())
        return refuse(request.batch, ipc::BatchFault::rejected, "an empty batch");

    const auto rows = rung_for(ladder_, static_cast<std::int64_t>(inputs->ids.size()));
    std::vector<float> vectors(request.inputs * static_cast<std::size_t>(encoder_.dimensions()));
    const auto began = std::chrono::steady_clock::now();
    const PackedBatch batch{inputs->ids, inputs->offsets, inputs->type_ids};
    const auto pass = guarded([&] { return encoder_.forward(lane, batch, rows, vectors); });
    const auto lasted = std::chrono::steady_clock::now() - began;
    if (!pass)
        return refuse(request.batch, pass.error());

    const auto wall = std::chrono::duration_cast<std::chrono::microseconds>(lasted);
    channel_.send(ipc::BatchDone{.batch = request.batch,
                                 .rows = static_cast<std::uint64_t>(rows),
                                 .forward_us = static_cast<std::uint64_t>(wall.count()),
                                 .device_us = pass->device_us,
                                 .page_faults = pass->page_faults,
                                 .allocated = pass->allocated,
                                 .captured = pass->captured},
                  std::as_bytes(std::span{vectors}));
}

void Lanes::visit(std::size_t lane, const ipc::VisitShape& request)
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
    std::vector<float> vectors((inputs.offsets.size() - 1) * static_cast<std::size_t>(encoder_.dimensions()));
    ipc::Visited visited{.batch = request.batch};
    const PackedBatch batch{inputs.ids, inputs.offsets, {}};
    for (std::uint64_t turn = 0; turn < std::max<std::uint64_t>(request.passes, 1); ++turn) {
        const auto pass = guarded([&] {
            return request.passes == 0 ? encoder_.touch(lane, rows)
                                       : encoder_.forward(lane, batch, rows, vectors);
        });
        if (!pass)
            return refuse(request.batch, pass.error());
        visited.device_us.push_back(pass->device_us);
    }
    visited.finite = std::ranges::all_of(vectors, [](float value) { return std::isfinite(value); });
    visited.resident_bytes = encoder_.memory().reserved.value_or(resident_bytes());
    activity_.enter("serving");
    channel_.send(visited);
}

void Lanes::stop()
{
    activity_.wait_until_idle();
    ::_exit(static_cast<int>(ipc::WorkerExit::ok));
}

} // namespace embedd::model
