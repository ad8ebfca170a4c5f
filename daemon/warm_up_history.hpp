#pragma once

#include "daemon/warm_up_plan.hpp"
#include "ipc/status.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace embedd::daemon {

// The warm-ups of the past, a line of JSON each, in DIRECTORY/warmups.jsonl, the last hundred; and the shapes
// that clients met cold after them, in DIRECTORY/cold_shapes.jsonl, for the next plan. A line that cannot be
// read, as after a crash or from another version, is left out: no history keeps a service from starting.
class WarmUpHistory {
public:
    static constexpr std::size_t kept = 100;
    static constexpr std::size_t shapes_kept = 64;

    // An empty directory keeps nothing beyond this process's life.
    explicit WarmUpHistory(const std::filesystem::path& directory);

    // How long a phase took at the last start.
    [[nodiscard]] std::optional<std::chrono::microseconds> last_time(const std::string& phase) const;

    // The median of the last ten starts of this model in this dtype; nothing with fewer than three.
    [[nodiscard]] std::optional<std::chrono::microseconds> usual_time(const ipc::ModelStatus&) const;

    // The last start of a model of this name and dtype.
    [[nodiscard]] const ipc::WarmUpRecord* last_start(const std::string& model,
                                                      const std::string& dtype) const;

    // Nothing, or why it could not be kept on disk: serving goes on without.
    [[nodiscard]] std::optional<std::string> add(ipc::WarmUpRecord);
    [[nodiscard]] std::optional<std::string> learn(const Shape&);
    [[nodiscard]] std::optional<std::string> forget_learned(); // a plan has visited them

    [[nodiscard]] const std::vector<ipc::WarmUpRecord>& records() const { return records_; } // oldest first
    [[nodiscard]] const std::set<Shape>& learned() const { return learned_; }

private:
    std::filesystem::path file_, shapes_file_;
    std::vector<ipc::WarmUpRecord> records_;
    std::set<Shape> learned_;
};

} // namespace embedd::daemon
