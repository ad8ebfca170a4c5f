#pragma once

#include "ipc/status.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

// The warm-ups of past starts, a line of JSON each, in DIRECTORY/warmups.jsonl: how long each phase took, and
// the report. Kept to the last hundred. A line that cannot be read, as after a crash or from another version,
// is left out.
class WarmUpHistory {
public:
    static constexpr std::size_t kept = 100;

    struct Start {
        std::chrono::microseconds to_ready{};
        std::map<std::string, std::uint64_t> phases_us;
        std::string model; // fingerprint and dtype: other models take other times
    };

    // An empty directory keeps nothing.
    explicit WarmUpHistory(std::filesystem::path directory);

    // How long a phase took at the last start of this model, or of any while the model is not known yet.
    [[nodiscard]] std::optional<std::chrono::microseconds> last_time(const std::string& phase) const;

    // The median of the last ten starts of this model; nothing with fewer than three.
    [[nodiscard]] std::optional<std::chrono::microseconds> usual_time(const std::string& model) const;

    // Adds a start. Nothing, or why it could not be kept: serving goes on without.
    [[nodiscard]] std::optional<std::string> add(const Start& start);

    [[nodiscard]] const std::vector<Start>& starts() const { return starts_; } // oldest first

private:
    std::filesystem::path file_;
    std::vector<Start> starts_;
};

} // namespace embedd::daemon
