#pragma once

#include "ipc/worker_protocol.hpp"
#include "model/network.hpp"
#include "model/worker/warmth.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace embedd::model {

// The lanes as a warm-up uses them.
class Crew {
public:
    virtual ~Crew() = default;

    [[nodiscard]] virtual std::size_t lanes() const = 0;

    // Runs work(lane) on all lanes at once, lane 0 being the caller's thread; returns when all are done.
    virtual void run(const std::function<void(std::size_t lane)>& work) = 0;

    // Called by lane 0 between two steps: what clients wait for goes first.
    virtual void give_way() = 0;
};

enum class Calibration : std::uint8_t {
    replace, // in quiet, with all lanes: the times become what is expected of batches
    keep,    // beside traffic: the times are only reported
};

struct WarmUpPlan {
    ipc::WarmUp request;
    Calibration calibration = Calibration::replace;
    std::int64_t longest_input = 0;
    std::int64_t vocabulary = 0;
};

using WarmUpProgress = std::function<void(std::uint64_t done, std::uint64_t total, std::int64_t rows)>;

// Touches every rung, smallest first, then times full passes at anchor rungs, on all lanes at once as in
// service, until they agree or the budget is spent. Throws where the network fails.
[[nodiscard]] ipc::Warmed warm_up(const Network& network, Warmth& warmth, const WarmUpPlan& plan, Crew& crew,
                                  const WarmUpProgress& progress);

} // namespace embedd::model
