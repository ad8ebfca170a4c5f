#pragma once

#include "daemon/failure.hpp"
#include "daemon/warm_up_plan.hpp"
#include "ipc/status.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace embedd::daemon {

struct ConcurrencyOptions {
    std::filesystem::path socket; // our own
    std::string token;            // the name that lets these requests pass before READY
    std::uint64_t seed = 1;
};

using WarmUpProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Runs the stage `concurrency` of a plan: as many clients at a time as each cell says, each on a connection
// of its own, through all that a request passes: socket, framing, tokenizer, queue, batch, lanes, and back.
// Every client asks twice; a cell's first_us and steady_us are the medians of the two.
[[nodiscard]] boost::asio::awaitable<Result<std::vector<ipc::WarmUpCell>>>
    simulate_clients(boost::asio::any_io_executor, ConcurrencyOptions, WarmUpPlan, WarmUpProgress);

} // namespace embedd::daemon
