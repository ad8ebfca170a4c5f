// fake-worker: speaks the worker protocol without libtorch, and fails on command (README.md).

#include "tests/fake_worker/channel.hpp"
#include "tests/fake_worker/fake_vectors.hpp"
#include "tests/fake_worker/faults.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <string>
#include <string_view>

namespace {

using namespace embedd;
using namespace std::chrono_literals;
using fake::Channel;
using fake::Faults;
using fake::Incoming;
using Clock = std::chrono::steady_clock;

constexpr auto tick = 10ms; // how soon a fault that appears or goes is noticed
constexpr auto heart_beat_interval = 250ms;

struct Arguments {
    std::string model, dtype = "float32";
    int channel = ipc::worker_channel_fd;
    std::uint64_t lanes = 1;
};

Arguments read(int argc, char** argv)
{
    Arguments arguments;
    for (int at = 1; at + 1 < argc; at += 2) {
        const std::string_view flag = argv[at];
        const std::string value = argv[at + 1];
        if (flag == "--model")
            arguments.model = value;
        else if (flag == "--dtype")
            arguments.dtype = value == "auto" ? "float32" : value;
        else if (flag == "--channel")
            arguments.channel = std::stoi(value);
        else if (flag == "--lanes")
            arguments.lanes = std::stoull(value);
        else if (flag != "--device")
            ::_exit(static_cast<int>(ipc::WorkerExit::usage));
    }
    return arguments;
}

struct Batch {
    ipc::RunBatch order;
    ipc::BatchInputs inputs;
    Clock::time_point since;
};

class FakeWorker {
public:
    FakeWorker(Arguments arguments, Faults faults)
        : arguments_(std::move(arguments)), faults_(std::move(faults)), channel_(arguments_.channel)
    {
    }

    void run()
    {
        load();
        while (true) {
            if (faults_.has("garbage"))
                channel_.send_garbage();
            while (faults_.has("hang"))
                channel_.ignore(tick);
            beat();
            warm_up();
            compute();
            if (auto incoming = channel_.receive(tick))
                take(std::move(*incoming));
            else if (stopping_ && batches_.empty())
                return;
        }
    }

private:
    void load()
    {
        if (faults_.has("exit-before-loaded"))
            ::_exit(1);
        channel_.send(ipc::LoadProgress{.phase = "device.init", .finished = true});
        if (faults_.has("bad-model")) {
            const int code = static_cast<int>(ipc::WorkerExit::model_fault);
            channel_.send(ipc::WorkerFailed{.exit_code = code,
                                            .message = arguments_.model + "/config.json: bad on command"});
            ::_exit(code);
        }
        constexpr std::uint64_t total = 1'000'000;
        std::uint64_t done = 0;
        for (; faults_.has("slow-load"); done += done + 1 < total) {
            report_weights(done, total, false);
            channel_.ignore(tick);
        }
        report_weights(total, total, true);
        channel_.send(ipc::LoadProgress{.phase = "weights.place", .finished = true});
        channel_.send(ipc::Loaded{
            .card = card(), .lanes = arguments_.lanes, .device_name = "fake", .weights_bytes = total});
    }

    void report_weights(std::uint64_t done, std::uint64_t total, bool finished)
    {
        channel_.send(ipc::LoadProgress{
            .phase = "weights.read", .finished = finished, .done = done, .total = total, .unit = "bytes"});
    }

    [[nodiscard]] ipc::ModelCard card() const
    {
        ipc::ModelCard card;
        card.model = {.name = "fake",
                      .path = arguments_.model,
                      .fingerprint = "fake",
                      .architecture = "FakeModel",
                      .dtype = arguments_.dtype,
                      .dimensions = fake::dimensions,
                      .max_tokens = fake::max_tokens,
                      .tasks = {"embed"}};
        card.pooling = "mean";
        card.normalize = true;
        card.vocabulary = fake::vocabulary;
        return card;
    }

    void beat()
    {
        const auto now = Clock::now();
        if (now < next_beat_)
            return;
        next_beat_ = now + heart_beat_interval;
        ipc::HeartBeat beat{.step = warm_up_ ? "warmup.lengths" : batches_.empty() ? "idle" : "forward"};
        for (const Batch& batch : batches_) {
            const auto running = std::chrono::duration_cast<std::chrono::microseconds>(now - batch.since);
            beat.running.push_back({batch.order.batch, static_cast<std::uint64_t>(running.count())});
        }
        beat.memory.weights_bytes = 1'000'000;
        channel_.send(beat);
    }

    void warm_up()
    {
        if (!warm_up_ || faults_.has("hold-warmup"))
            return;
        ipc::Warmed warmed;
        warmed.max_batch_tokens =
            warm_up_->max_batch_tokens != 0 ? warm_up_->max_batch_tokens : fake::largest_rung;
        for (std::uint64_t rows = 8; rows <= fake::largest_rung; rows = fake::rung_of(rows + 1)) {
            warmed.rungs.push_back({rows, fake::cost_us(rows)});
            warmed.cells.push_back({.task = "embed",
                                    .rows = rows,
                                    .length = std::min(rows, fake::max_tokens),
                                    .rounds = 1,
                                    .first_us = fake::cost_us(rows),
                                    .control_us = fake::cost_us(rows),
                                    .steady_us = fake::cost_us(rows)});
        }
        warmed.plan_cells = warmed.cells.size();
        warmed.memory_before_bytes = 1'000'000;
        warmed.memory_after_bytes = 1'100'000;
        channel_.send(ipc::WarmUpProgress{
            .phase = "warmup.lengths", .done = warmed.plan_cells, .total = warmed.plan_cells});
        channel_.send(warmed);
        warm_up_.reset();
    }

    void take(Incoming incoming)
    {
        if (std::holds_alternative<ipc::Stop>(incoming.message)) {
            stopping_ = true;
        } else if (const auto* warm_up = std::get_if<ipc::WarmUp>(&incoming.message)) {
            warm_up_ = *warm_up;
            channel_.send(ipc::WarmUpProgress{.phase = "warmup.lengths", .done = 0, .total = 1});
        } else if (const auto* order = std::get_if<ipc::RunBatch>(&incoming.message)) {
            accept(*order, incoming.payload);
        }
    }

    void accept(const ipc::RunBatch& order, std::span<const std::byte> payload)
    {
        auto inputs = ipc::decode_batch(order, payload);
        if (!inputs)
            ::_exit(static_cast<int>(ipc::WorkerExit::fault));
        faults_.log("batch=" + std::to_string(order.batch) + " inputs=" + std::to_string(order.inputs) +
                    " tokens=" + std::to_string(order.tokens) + " pid=" + std::to_string(::getpid()));
        if (faults_.has("die-at-batch") || faults_.take("die-once") || faults_.poisoned(inputs->ids))
            ::raise(SIGKILL);
        if (batches_.size() >= arguments_.lanes) {
            return fail(order, ipc::BatchFault::rejected, "more batches than lanes");
        }
        const auto limit = faults_.memory_ends_above();
        if (limit && order.tokens > *limit)
            return fail(order, ipc::BatchFault::out_of_memory, "out of memory on command");
        batches_.push_back({order, std::move(*inputs), Clock::now()});
    }

    void fail(const ipc::RunBatch& order, ipc::BatchFault fault, std::string message)
    {
        channel_.send(ipc::BatchFailed{.batch = order.batch, .fault = fault, .message = std::move(message)});
    }

    void compute()
    {
        while (!batches_.empty() && !faults_.has("hold-batch")) {
            answer(batches_.front());
            batches_.pop_front();
        }
    }

    void answer(const Batch& batch)
    {
        std::vector<float> rows;
        for (std::size_t at = 0; at + 1 < batch.inputs.offsets.size(); ++at) {
            const auto begin = static_cast<std::size_t>(batch.inputs.offsets[at]);
            const auto end = static_cast<std::size_t>(batch.inputs.offsets[at + 1]);
            const auto row = fake::vector_of(std::span(batch.inputs.ids).subspan(begin, end - begin));
            rows.insert(rows.end(), row.begin(), row.end());
        }
        if (faults_.has("nan") || faults_.take("nan-once"))
            rows.front() = std::numeric_limits<float>::quiet_NaN();
        const auto rung = fake::rung_of(batch.order.tokens);
        const bool warm = rung <= fake::largest_rung;
        channel_.send(ipc::BatchDone{.batch = batch.order.batch,
                                     .rows = rung,
                                     .forward_us = fake::cost_us(rung),
                                     .cpu_us = fake::cost_us(rung),
                                     .cold = warm ? "" : "rung",
                                     .expected_us = fake::cost_us(rung)},
                      std::as_bytes(std::span(rows)));
    }

    Arguments arguments_;
    Faults faults_;
    Channel channel_;
    std::optional<ipc::WarmUp> warm_up_;
    std::deque<Batch> batches_;
    Clock::time_point next_beat_ = Clock::now();
    bool stopping_ = false;
};

} // namespace

int main(int argc, char** argv)
{
    FakeWorker(read(argc, argv), Faults::from_environment()).run();
}
