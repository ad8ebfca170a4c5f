#include "model/worker/lanes.hpp"

#include "model/worker/calibration.hpp"
#include "model/worker/thread_use.hpp"

#include <chrono>
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

Result<void> forward(const Network& network, const PackedBatch& batch, std::int64_t rung,
                     std::span<float> out)
{
    try {
        return network.forward(batch, rung, out);
    } catch (const std::bad_alloc&) {
        return Failure{Errc::out_of_memory, "out of memory"};
    } catch (const std::exception& error) {
        return Failure{Errc::internal, first_line(error.what())};
    }
}

} // namespace

// A warm-up in quiet: the caller keeps the turn to read, so that all others are free to help.
class Lanes::AllLanes final : public Crew {
public:
    explicit AllLanes(Lanes& lanes) : lanes_(lanes) {}

    std::size_t lanes() const override { return lanes_.turns_.lanes(); }
    void run(const Turns::Work& work) override { lanes_.turns_.run_on_all(work); }
    void give_way() override
    {
        while (lanes_.channel_.readable())
            lanes_.serve_amid_warm_up();
    }

private:
    Lanes& lanes_;
};

// A warm-up beside traffic: the other lanes serve, and this one too when none of them is free to.
class Lanes::OneLane final : public Crew {
public:
    explicit OneLane(Lanes& lanes) : lanes_(lanes) {}

    std::size_t lanes() const override { return 1; }
    void run(const Turns::Work& work) override { work(0); }
    void give_way() override
    {
        while (lanes_.turns_.take_if([this] { return lanes_.channel_.readable(); }))
            lanes_.serve();
    }

private:
    Lanes& lanes_;
};

Lanes::Lanes(Channel& channel, Activity& activity, const Network& network, Warmth& warmth, LaneLimits limits)
    : channel_(channel), activity_(activity), network_(network), warmth_(warmth), limits_(limits),
      turns_(limits.lanes)
{
}

void Lanes::run()
{
    std::vector<std::jthread> others;
    for (std::size_t lane = 1; lane < turns_.lanes(); ++lane)
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
        while (true) {
            turns_.wait(lane);
            serve();
        }
    } catch (const std::exception& error) {
        channel_.fail(ipc::WorkerExit::fault, first_line(error.what()));
    }
}

// Reads one message and does what it says. Called with the turn to read, returns without it.
void Lanes::serve()
{
    const auto incoming = channel_.read();
    if (const auto* batch = std::get_if<ipc::RunBatch>(&incoming.message)) {
        // Runs before the turn ends, so that a lane that reads Stop next waits for it.
        const Activity::Running running(activity_, batch->batch);
        turns_.end();
        compute(*batch, incoming.payload);
    } else if (const auto* request = std::get_if<ipc::WarmUp>(&incoming.message)) {
        if (!warmth_.calibrated()) {
            warm_up_together(*request);
            turns_.end();
        } else {
            turns_.end();
            warm_up_alone(*request);
        }
    } else {
        stop();
    }
}

// As serve(), amid a warm-up of all lanes: the turn stays with this one.
void Lanes::serve_amid_warm_up()
{
    const auto incoming = channel_.read();
    if (const auto* batch = std::get_if<ipc::RunBatch>(&incoming.message)) {
        const Activity::Running running(activity_, batch->batch);
        compute(*batch, incoming.payload);
    } else if (std::holds_alternative<ipc::Stop>(incoming.message)) {
        stop();
    } // A warm-up asked for while one runs is answered by that one.
}

void Lanes::compute(const ipc::RunBatch& request, std::span<const std::byte> payload)
{
    const auto refuse = [&](ipc::BatchFault fault, const std::string& why) {
        channel_.send(ipc::BatchFailed{.batch = request.batch, .fault = fault, .message = why});
    };
    if (request.task != "embed")
        return refuse(ipc::BatchFault::rejected, "the model does not do this task");
    const auto inputs = ipc::decode_batch(request, payload);
    if (!inputs)
        return refuse(ipc::BatchFault::rejected, inputs.error().message);
    if (inputs->ids.empty())
        return refuse(ipc::BatchFault::rejected, "an empty batch");

    const auto rung = warmth_.rung_for(static_cast<std::int64_t>(inputs->ids.size()));
    std::vector<float> vectors(request.inputs * static_cast<std::size_t>(network_.dimensions()));
    const auto began = std::chrono::steady_clock::now();
    const auto before = thread_use();
    const auto done = forward(network_, {inputs->ids, inputs->offsets, inputs->type_ids}, rung.rows, vectors);
    const auto use = thread_use() - before;
    const auto lasted = std::chrono::steady_clock::now() - began;
    if (!done)
        return refuse(fault_of(done.error().code), done.error().detail);

    warmth_.warmed(rung.rows);
    const auto wall = std::chrono::duration_cast<std::chrono::microseconds>(lasted);
    channel_.send(ipc::BatchDone{.batch = request.batch,
                                 .rows = static_cast<std::uint64_t>(rung.rows),
                                 .forward_us = static_cast<std::uint64_t>(wall.count()),
                                 .cpu_us = use.cpu_us,
                                 .cold = std::string{cold_cause(rung.warm, use, rung.expected_us)},
                                 .expected_us = rung.expected_us.value_or(0)},
                  std::as_bytes(std::span{vectors}));
}

void Lanes::warm_up_together(const ipc::WarmUp& request)
{
    if (request.max_batch_tokens > 0)
        warmth_.use(Ladder(static_cast<std::int64_t>(request.max_batch_tokens), limits_.longest_input));
    AllLanes crew(*this);
    warming_ = true;
    warm_up_with(crew, request, Calibration::replace);
    warming_ = false;
}

// Asked for while one runs, it is answered by that one.
void Lanes::warm_up_alone(const ipc::WarmUp& request)
{
    if (warming_.exchange(true))
        return;
    OneLane crew(*this);
    warm_up_with(crew, request, Calibration::keep);
    warming_ = false;
}

void Lanes::warm_up_with(Crew& crew, const ipc::WarmUp& request, Calibration calibration)
{
    const auto progress = [this](std::uint64_t done, std::uint64_t total, std::int64_t rows) {
        activity_.enter("warming up: " + std::to_string(rows) + " rows");
        channel_.send(ipc::WarmUpProgress{.phase = "warmup.lengths", .done = done, .total = total});
    };
    const WarmUpPlan plan{.request = request,
                          .calibration = calibration,
                          .longest_input = limits_.longest_input,
                          .vocabulary = limits_.vocabulary};
    const auto warmed = warm_up(network_, warmth_, plan, crew, progress);
    activity_.enter("serving");
    channel_.send(warmed);
}

void Lanes::stop()
{
    activity_.wait_until_idle();
    ::_exit(static_cast<int>(ipc::WorkerExit::ok));
}

} // namespace embedd::model
