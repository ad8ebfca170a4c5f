#pragma once

#include "daemon/engine.hpp"
#include "daemon/log.hpp"
#include "daemon/warm_up_run.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

// One replica, so patient that a loaded machine is not taken for a hang, and quick to try again.
[[nodiscard]] EngineOptions patient();

// An engine with fake workers, its event loop, and the directory of faults they look into.
class Service {
public:
    explicit Service(EngineOptions options = patient(), unsigned lanes = 2);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    void fault(const std::string& name);
    void no_fault(const std::string& name);
    [[nodiscard]] bool has_fault(const std::string& name) const;
    // What the workers took: "log" for batches, "visits", from when a fault of that name was set.
    [[nodiscard]] std::string log(const std::string& name = "log") const;

    void start(); // until warm
    [[nodiscard]] bool run_until(const std::function<bool()>& condition);

    struct Answer {
        JobId id = 0;
        std::vector<ipc::TokenIds> inputs;
        std::optional<ipc::Result<JobResult>> result;
    };
    // Answers live as long as the service.
    Answer& submit(std::vector<ipc::TokenIds> inputs, std::optional<Clock::time_point> deadline = {});
    [[nodiscard]] bool all_answered() const;

private:
    std::filesystem::path directory_;
    std::vector<std::unique_ptr<Answer>> answers_;
    boost::asio::io_context io_;
    Log log_{2, Level::error};

public:
    bool loaded = false;
    std::optional<WarmUpOutcome> warmed;
    std::optional<std::string> trouble;
    std::vector<ipc::ColdHit> cold_hits;
    std::optional<Failure> fatal;
    std::optional<std::string> degraded;
    std::optional<Engine> engine;
};

// Rows that belong to these inputs, as the fake worker computes them.
[[nodiscard]] std::vector<float> expected_rows(const std::vector<ipc::TokenIds>& inputs);

} // namespace embedd::daemon
