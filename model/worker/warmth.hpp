#pragma once

#include "ipc/worker_protocol.hpp"
#include "model/ladder.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace embedd::model {

// Which rungs are warm and what a batch of each should cost. Shared by all lanes, from any thread.
class Warmth {
public:
    struct Rung {
        std::int64_t rows = 0;
        bool warm = false;
        std::optional<std::uint64_t> expected_us; // nothing before calibration
    };

    explicit Warmth(Ladder ladder) : ladder_(std::move(ladder)) {}

    // The rung for a batch of this many tokens, at least 1.
    [[nodiscard]] Rung rung_for(std::int64_t tokens) const;

    [[nodiscard]] std::vector<std::int64_t> rungs() const;

    void use(Ladder ladder); // what is warm stays warm
    void warmed(std::int64_t rung);
    void calibrate(std::vector<ipc::RungCost> anchors); // ascending
    void limit_batches(std::uint64_t tokens);

    [[nodiscard]] bool calibrated() const;
    [[nodiscard]] std::uint64_t max_batch_tokens() const;
    [[nodiscard]] std::vector<ipc::RungCost> costs() const; // of the warm rungs, ascending

private:
    mutable std::mutex mutex_;
    Ladder ladder_;
    std::set<std::int64_t> warm_;
    std::vector<ipc::RungCost> anchors_; // ascending
    std::uint64_t max_batch_tokens_ = 0;
};

} // namespace embedd::model
