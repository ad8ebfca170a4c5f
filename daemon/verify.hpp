#pragma once

#include "daemon/concurrency.hpp"
#include "daemon/failure.hpp"
#include "ipc/status.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace embedd::daemon {

// What warm-up promises (docs/warmup.md): a first request is at most this much slower than a repeated one.
struct WarmUpPromise {
    double median = 1.2; // over all lengths
    double worst = 1.5;  // of any one
};

struct VerifyOptions {
    std::filesystem::path socket;     // our own
    std::string token;                // the name that lets these requests pass before READY
    std::vector<std::uint64_t> rungs; // row counts that are warm, ascending
    std::uint64_t longest_input = 0;  // tokens
    std::int64_t vocabulary = 0;      // ids are drawn below it
    std::size_t lengths = 5;          // how many are tried
    std::size_t draws = 5; // first requests of each, all of lengths never seen, and as many controls
    std::chrono::milliseconds pause{1}; // before each request, on a fresh connection
    std::uint64_t seed = 1;
};

// The times of one length's first requests and of their controls, in µs.
struct LengthTimes {
    std::uint64_t rows = 0;   // the rung they share
    std::uint64_t length = 0; // of the first of the firsts
    std::vector<std::uint64_t> firsts, controls;
};

struct VerifyReport {
    double ratio = 0;       // median over lengths of median(firsts) / median(controls)
    double ratio_worst = 0; // the worst length's
    std::vector<ipc::WarmUpCell> cells;

    [[nodiscard]] bool keeps(const WarmUpPromise& promise) const
    {
        return ratio <= promise.median && ratio_worst <= promise.worst;
    }
};

// Lengths that no rung has, drawn from all over the ladder, ascending, with as many unseen neighbours on the
// same rung as there are draws.
struct LengthPlan {
    std::uint64_t rows = 0;            // the control's length: the rung itself
    std::vector<std::uint64_t> unseen; // one for each draw; fewer on rungs too narrow
};
[[nodiscard]] std::vector<LengthPlan> plan_lengths(const VerifyOptions&);

[[nodiscard]] VerifyReport judge(std::span<const LengthTimes>);

// Measures, as a client would, that the service is warm: through the socket, framing, queue and batch to a
// worker and back; first requests at unseen lengths interleaved with controls at a seen one, each on a fresh
// connection after the same pause, because the same warm shape differs by more than the promise from one
// moment to another. A length beyond the
// promise is measured once more and judged by all its times: one interruption by the machine is no cold
// shape.
[[nodiscard]] boost::asio::awaitable<Result<VerifyReport>>
    verify_warm_up(boost::asio::any_io_executor, VerifyOptions, WarmUpPromise, WarmUpProgress);

} // namespace embedd::daemon
