#include "daemon/plan_report.hpp"

#include "daemon/calibration.hpp"
#include "daemon/child_process.hpp"
#include "daemon/program_path.hpp"
#include "daemon/verify.hpp"
#include "daemon/warm_up_run.hpp"
#include "daemon/worker_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>

namespace embedd::daemon {

namespace {

constexpr int patience_ms = 10'000;
constexpr double nominal_operations_a_us = 100e3; // of one lane: 100 GFLOP/s

// What the worker prints until it closes its standard output.
Result<std::string> output_of(const ChildCommand& asked)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return Failure{ExitCode::failure, std::string("cannot make a pipe: ") + std::strerror(errno)};
    const Descriptor ours(ends[0]);
    Descriptor theirs(ends[1]);
    auto command = asked;
    command.standard_output = theirs.number();
    const auto process = ChildProcess::spawn(command);
    if (!process)
        return process.error();
    theirs.reset();
    std::string said;
    std::array<char, 4096> buffer{};
    pollfd readable{.fd = ours.number(), .events = POLLIN, .revents = 0};
    while (::poll(&readable, 1, patience_ms) == 1) {
        const auto count = ::read(ours.number(), buffer.data(), buffer.size());
        if (count <= 0)
            return said;
        said.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return Failure{ExitCode::failure, command.program.string() + " did not describe the model in time"};
}

// µs of one pass, and whether that was measured.
class Costs {
public:
    Costs(const ipc::WorkerDescription& model, const WarmUpHistory& history)
        : operations_a_row_(static_cast<double>(model.operations_a_row))
    {
        const auto* last = history.last_start(model.name, model.dtype);
        std::map<std::uint64_t, RungCost> costs;
        for (const auto& cell : last ? last->report.cells : std::vector<ipc::WarmUpCell>{})
            if (cell.stage == to_string(WarmUpStage::lengths) && cell.steady_us) {
                auto& cost = costs[cell.rows];
                cost.rows = cell.rows;
                cost.device_us = std::max(cost.device_us, *cell.steady_us);
            }
        for (const auto& [rows, cost] : costs)
            timed_.push_back(cost);
    }

    [[nodiscard]] bool measured() const { return !timed_.empty(); }
    [[nodiscard]] double pass(std::uint64_t rows) const
    {
        return measured() ? static_cast<double>(interpolate(timed_, rows))
                          : operations_a_row_ * static_cast<double>(rows) / nominal_operations_a_us;
    }

private:
    double operations_a_row_;
    std::vector<RungCost> timed_;
};

double lane_time_of(const PlanCell& cell, const Costs& costs)
{
    constexpr double requests_of_a_client = 2; // a first one and one to compare it with
    const auto passes = visited_by_worker(cell) ? passes_of(cell) : requests_of_a_client;
    return costs.pass(cell.shape.rows) * passes * static_cast<double>(cell.concurrency);
}

std::string line_of(const PlanCell& cell, double us)
{
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%-12s %-8s %6llu %7llu %12llu  %-18s %9.2f ms\n",
                  std::string(to_string(cell.stage)).c_str(), cell.shape.task.c_str(),
                  static_cast<unsigned long long>(cell.shape.rows),
                  static_cast<unsigned long long>(cell.shape.length),
                  static_cast<unsigned long long>(cell.concurrency),
                  (std::string(to_string(cell.reason)) + (cell.timed ? ", timed" : "")).c_str(), us / 1000);
    return line.data();
}

// Lengths as `verify` would draw them at a start: other ones each time.
WarmUpPlan drawn_lengths(const ipc::WorkerDescription& model)
{
    VerifyOptions options;
    options.rungs = model.rungs;
    options.longest_input = model.max_tokens;
    options.seed = std::random_device()();
    WarmUpPlan plan;
    for (const auto& length : plan_lengths(options))
        for (std::size_t draw = 0; draw < length.unseen.size(); ++draw) {
            PlanCell cell;
            cell.stage = WarmUpStage::verify;
            cell.shape = {model.tasks.front(), length.rows, length.unseen[draw]};
            plan.push_back(cell);
        }
    return plan;
}

} // namespace

std::string describe_plan(const ipc::WorkerDescription& model, const WarmUpHistory& history)
{
    const Costs costs(model, history);
    auto plan = plan_warm_up({.tasks = model.tasks,
                              .rungs = model.rungs,
                              .longest_input = model.max_tokens,
                              .lanes = model.lanes,
                              .learned = history.learned()});
    const auto drawn = drawn_lengths(model);
    plan.insert(plan.end(), drawn.begin(), drawn.end());

    std::string out =
        "warm-up plan of " + model.name + ", " + model.dtype + ", " + std::to_string(model.lanes) +
        " lanes\n\nstage        task       rows  length  concurrency  why                 estimate\n";
    double in_lanes = 0;
    double alone = 0; // verify asks one at a time
    for (const auto& cell : plan) {
        const auto us = lane_time_of(cell, costs);
        (cell.stage == WarmUpStage::verify ? alone : in_lanes) += us;
        out += line_of(cell, us);
    }
    std::array<char, 160> total{};
    std::snprintf(total.data(), total.size(), "\n%zu cells, about %.2f s (%s)\n", plan.size(),
                  (in_lanes / static_cast<double>(model.lanes) + alone) / 1e6,
                  costs.measured() ? "from the times of this model's last start"
                                   : "a guess from its operations: no earlier start of this model is known");
    return out + total.data();
}

ExitCode print_warm_up_plan(const Options& options, Log& log)
{
    const auto refuse = [&log](const Failure& failure) {
        log.error(failure.message);
        return failure.code;
    };
    const auto program = worker_program(options);
    if (!program)
        return refuse(program.error());
    auto worker = worker_commands(options, *program, cores_of(usable_cpus())).front();
    ChildCommand command{.program = *program, .arguments = std::move(worker.arguments), .cpus = worker.cpus};
    command.arguments.insert(command.arguments.begin(), "--describe");
    const auto said = output_of(command);
    if (!said)
        return refuse(said.error());
    const auto model = ipc::parse_worker_description(*said);
    if (!model || model->rungs.empty() || model->tasks.empty())
        return refuse(
            {ExitCode::configuration, options.model.string() + ": the worker cannot describe this model"});
    std::fputs(describe_plan(*model, WarmUpHistory(options.state_directory)).c_str(), stdout);
    return ExitCode::stopped;
}

} // namespace embedd::daemon
