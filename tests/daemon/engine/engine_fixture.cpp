#include "tests/daemon/engine/engine_fixture.hpp"

#include "tests/fake_worker/fake_vectors.hpp"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace embedd::daemon {

namespace {

constexpr std::chrono::seconds generous{60};

std::filesystem::path new_directory()
{
    std::string path = "/tmp/embedd-XXXXXX";
    return ::mkdtemp(path.data());
}

} // namespace

EngineOptions patient()
{
    EngineOptions options;
    options.workers.resize(1);
    options.pace.beat_limit = generous / 2;
    options.pace.batch_limit = generous / 2;
    options.pace.respawn.first = std::chrono::milliseconds(10);
    return options;
}

Service::Service(EngineOptions options, unsigned lanes) : directory_(new_directory())
{
    for (auto& worker : options.workers) {
        worker.program = "/usr/bin/env";
        worker.arguments = {"EMBEDD_FAKE_CONTROL=" + directory_.string(), FAKE_WORKER, "--lanes",
                            std::to_string(lanes)};
    }
    EngineEvents events{
        .on_loaded = [this](const ipc::Loaded&) { loaded = true; },
        .on_warmed = [this](const WarmUpOutcome& outcome) { warmed = outcome; },
        .on_trouble = [this](const std::string& reason) { trouble = reason; },
        .on_fatal = [this](const Failure& failure) { fatal = failure; },
        .on_degraded = [this](std::optional<std::string> reason) { degraded = std::move(reason); },
        .on_cold_hit = [this](const ipc::ColdHit& hit) { cold_hits.push_back(hit); },
    };
    engine.emplace(io_.get_executor(), std::move(options), std::move(events), log_);
}

Service::~Service()
{
    engine.reset();
    std::filesystem::remove_all(directory_);
}

void Service::fault(const std::string& name)
{
    std::ofstream(directory_ / name).flush();
}

void Service::no_fault(const std::string& name)
{
    std::filesystem::remove(directory_ / name);
}

bool Service::has_fault(const std::string& name) const
{
    return std::filesystem::exists(directory_ / name);
}

std::string Service::log(const std::string& name) const
{
    std::ostringstream text;
    text << std::ifstream(directory_ / name).rdbuf();
    return text.str();
}

void Service::start()
{
    engine->start();
    if (!run_until([this] { return warmed.has_value(); }))
        throw std::runtime_error("the fake worker did not become warm");
}

bool Service::run_until(const std::function<bool()>& condition)
{
    const auto limit = Clock::now() + generous;
    while (!condition() && Clock::now() < limit) {
        io_.restart();
        io_.run_one_for(std::chrono::milliseconds(20));
    }
    return condition();
}

Service::Answer& Service::submit(std::vector<ipc::TokenIds> inputs, std::optional<Clock::time_point> deadline)
{
    auto& answer = *answers_.emplace_back(std::make_unique<Answer>(Answer{.inputs = inputs}));
    answer.id = engine->submit(
        {.owner = {1000, answers_.size() % 7}, .deadline = deadline, .inputs = std::move(inputs)},
        [&answer](ipc::Result<JobResult> result) { answer.result = std::move(result); });
    return answer;
}

bool Service::all_answered() const
{
    return std::ranges::all_of(answers_, [](const auto& answer) { return answer->result.has_value(); });
}

std::vector<float> expected_rows(const std::vector<ipc::TokenIds>& inputs)
{
    std::vector<float> rows;
    for (const auto& ids : inputs) {
        const auto vector = fake::vector_of(ids);
        rows.insert(rows.end(), vector.begin(), vector.end());
    }
    return rows;
}

} // namespace embedd::daemon
