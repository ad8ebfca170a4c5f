// fake-worker: speaks the worker protocol without libtorch, and fails on command (README.md).

#include "tests/fake_worker/channel.hpp"
#include "tests/fake_worker/fake_gpu.hpp"
#include "tests/fake_worker/fake_vectors.hpp"
#include "tests/fake_worker/faults.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <fstream>
#include <limits>
#include <set>
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
    std::string model, device = "auto", dtype = "float32";
    int channel = ipc::worker_channel_fd;
    std::uint64_t lanes = 1;
    std::uint64_t max_batch_tokens = 0;
    bool describe = false;
};

Arguments read(int argc, char** argv)
{
    Arguments arguments;
    arguments.describe = argc > 1 && std::string_view(argv[1]) == "--describe";
    for (int at = arguments.describe ? 2 : 1; at + 1 < argc; at += 2) {
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
        else if (flag == "--max-batch-tokens")
            arguments.max_batch_tokens = std::stoull(value);
        else if (flag == "--device")
            arguments.device = value;
        else if (flag != "--gpu-memory-fraction")
            ::_exit(static_cast<int>(ipc::WorkerExit::usage));
    }
    return arguments;
}

int describe(const Arguments& arguments)
{
    const ipc::WorkerDescription description{.name = "fake",
                                             .dtype = arguments.dtype,
                                             .max_tokens = fake::max_tokens,
                                             .lanes = arguments.lanes,
                                             .tasks = {"embed"},
                                             .rungs = fake::rungs(arguments.max_batch_tokens),
                                             .operations_a_row = 1'000'000};
    std::fputs(ipc::to_line(description).c_str(), stdout);
    return 0;
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
            visit();
            compute();
            if (auto incoming = channel_.receive(tick))
                take(std::move(*incoming));
            else if (stopping_ && batches_.empty() && visits_.empty())
                return;
        }
    }

private:
    void load()
    {
        if (faults_.has("exit-before-loaded"))
            ::_exit(1);
        channel_.send(ipc::LoadProgress{.phase = "device.init", .finished = true});
        if (on_gpu() && !faults_.has("gpus"))
            exit_saying(ipc::WorkerExit::device_missing, "device " + arguments_.device + ": none here");
        if (faults_.has("bad-model"))
            exit_saying(ipc::WorkerExit::model_fault, arguments_.model + "/config.json: bad on command");
        constexpr std::uint64_t total = 1'000'000;
        std::uint64_t done = 0;
        for (; faults_.has("slow-load"); done += done + 1 < total) {
            report_weights(done, total, false);
            channel_.ignore(tick);
        }
        report_weights(total, total, true);
        channel_.send(ipc::LoadProgress{.phase = "weights.place", .finished = true});
        channel_.send(ipc::Loaded{.card = card(),
                                  .lanes = arguments_.lanes,
                                  .device_id = on_gpu() ? arguments_.device : "cpu",
                                  .device_name = on_gpu() ? "fake GPU" : "fake",
                                  .weights_bytes = total,
                                  .resident_bytes = total,
                                  .rungs = fake::rungs(arguments_.max_batch_tokens)});
    }

    [[noreturn]] void exit_saying(ipc::WorkerExit exit, std::string why)
    {
        const int code = static_cast<int>(exit);
        channel_.send(ipc::WorkerFailed{.exit_code = code, .message = std::move(why)});
        ::_exit(code);
    }

    void report_weights(std::uint64_t done, std::uint64_t total, bool finished)
    {
        channel_.send(ipc::LoadProgress{
            .phase = "weights.read", .finished = finished, .done = done, .total = total, .unit = "bytes"});
    }

    // A model's directory may hold a file that says so: how tests tell two models from each other.
    [[nodiscard]] std::string fingerprint() const
    {
        std::string named = "fake";
        std::ifstream(arguments_.model + "/fingerprint") >> named;
        return named;
    }

    [[nodiscard]] ipc::ModelCard card() const
    {
        ipc::ModelCard card;
        card.model = {.name = "fake",
                      .path = arguments_.model,
                      .fingerprint = fingerprint(),
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
        ipc::HeartBeat beat{.step = !visits_.empty() ? "warming up" : batches_.empty() ? "idle" : "forward"};
        for (const Batch& batch : batches_) {
            const auto running = std::chrono::duration_cast<std::chrono::microseconds>(now - batch.since);
            beat.running.push_back({batch.order.batch, static_cast<std::uint64_t>(running.count())});
        }
        beat.memory.weights_bytes = 1'000'000;
        beat.memory.rss_bytes = 1'100'000;
        if (on_gpu()) {
            beat.memory = fake::memory_on_gpu();
            beat.device = fake::gpu(arguments_.device);
        }
        channel_.send(beat);
    }

    [[nodiscard]] bool on_gpu() const { return arguments_.device.starts_with("cuda"); }

    void visit()
    {
        while (!visits_.empty() && !faults_.has("hold-warmup")) {
            const auto shape = visits_.front();
            visits_.pop_front();
            answer(shape);
        }
    }

    void answer(const ipc::VisitShape& shape)
    {
        slow_down(shape.rows, shape.rows);
        if (faults_.take("confuse-visit"))
            return channel_.send(ipc::BatchDone{.batch = shape.batch, .rows = shape.rows});
        ipc::Visited visited{.batch = shape.batch};
        const auto passes = std::max<std::uint64_t>(shape.passes, 1);
        const auto cost = shape.passes == 0 ? fake::cost_us(shape.rows) / 6 : fake::cost_us(shape.rows);
        visited.device_us.assign(passes, cost);
        visited.finite = !faults_.has("nan-visit");
        visited.resident_bytes = 1'100'000;
        channel_.send(visited);
    }

    // The times a client sees; what the worker says of its own CPU time stays as it is.
    void slow_down(std::uint64_t rows, std::uint64_t tokens)
    {
        constexpr auto slow = 30ms;
        const bool first = visited_.insert(rows).second;
        const bool cold = first && faults_.has("slow-first-" + std::to_string(rows));
        if (cold || (tokens != rows && faults_.has("slow-off-rung")))
            channel_.ignore(slow);
    }

    void take(Incoming incoming)
    {
        if (std::holds_alternative<ipc::Stop>(incoming.message)) {
            stopping_ = true;
        } else if (const auto* shape = std::get_if<ipc::VisitShape>(&incoming.message)) {
            accept(*shape);
        } else if (const auto* order = std::get_if<ipc::RunBatch>(&incoming.message)) {
            accept(*order, incoming.payload);
        }
    }

    void accept(const ipc::VisitShape& shape)
    {
        faults_.log("visits",
                    "rows=" + std::to_string(shape.rows) + " length=" + std::to_string(shape.length) +
                        " passes=" + std::to_string(shape.passes) + " pid=" + std::to_string(::getpid()));
        if (faults_.has("die-at-visit") || faults_.take("die-at-visit-once"))
            ::raise(SIGKILL);
        const auto limit = faults_.memory_ends_above();
        if (limit && shape.rows > *limit)
            return fail(shape.batch, ipc::BatchFault::out_of_memory, "out of memory on command");
        visits_.push_back(shape);
    }

    void accept(const ipc::RunBatch& order, std::span<const std::byte> payload)
    {
        auto inputs = ipc::decode_batch(order, payload);
        if (!inputs)
            ::_exit(static_cast<int>(ipc::WorkerExit::fault));
        faults_.log("log",
                    "batch=" + std::to_string(order.batch) + " inputs=" + std::to_string(order.inputs) +
                        " tokens=" + std::to_string(order.tokens) + " pid=" + std::to_string(::getpid()));
        if (faults_.has("die-at-batch") || faults_.take("die-once") || faults_.poisoned(inputs->ids))
            ::raise(SIGKILL);
        if (batches_.size() >= arguments_.lanes) {
            return fail(order.batch, ipc::BatchFault::rejected, "more batches than lanes");
        }
        const auto limit = faults_.memory_ends_above();
        if (limit && order.tokens > *limit)
            return fail(order.batch, ipc::BatchFault::out_of_memory, "out of memory on command");
        batches_.push_back({order, std::move(*inputs), Clock::now()});
    }

    void fail(std::uint64_t batch, ipc::BatchFault fault, std::string message)
    {
        channel_.send(ipc::BatchFailed{.batch = batch, .fault = fault, .message = std::move(message)});
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
        if (faults_.take("confuse-batch"))
            return channel_.send(ipc::Visited{.batch = batch.order.batch, .device_us = {1}});
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
        slow_down(rung, batch.order.tokens);
        const bool cold = faults_.take("cold-" + std::to_string(rung));
        channel_.send(ipc::BatchDone{.batch = batch.order.batch,
                                     .rows = rung,
                                     .forward_us = fake::cost_us(rung),
                                     .device_us = cold ? 10 * fake::cost_us(rung) : fake::cost_us(rung),
                                     .page_faults = cold ? 100U : 0U},
                      std::as_bytes(std::span(rows)));
    }

    Arguments arguments_;
    Faults faults_;
    Channel channel_;
    std::deque<ipc::VisitShape> visits_;
    std::set<std::uint64_t> visited_; // rows
    std::deque<Batch> batches_;
    Clock::time_point next_beat_ = Clock::now();
    bool stopping_ = false;
};

} // namespace

int main(int argc, char** argv)
{
    auto arguments = read(argc, argv);
    if (arguments.describe)
        return describe(arguments);
    FakeWorker(std::move(arguments), Faults::from_environment()).run();
}
