#pragma once

#include "console/screen/distribution.hpp"
#include "ipc/sample.hpp"
#include "ipc/status.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace embedd::console::screen {

// All counts of one status: two of them are a window.
struct Moment {
    struct Replica {
        std::uint64_t generation = 0, batches = 0, tokens = 0, busy_us = 0;
    };

    ipc::Sample sample;
    Stages stages;
    std::map<std::uint64_t, Replica> replicas; // by id
};

[[nodiscard]] Moment moment_of(const ipc::Status&);

enum class Window : std::uint8_t { ten_seconds, minute, since_warm_up };

// What was heard of a daemon. Bounded, however long it is watched.
struct Record {
    static constexpr std::size_t most_samples = 600; // ten minutes
    static constexpr std::size_t most_moments = 62;  // a minute: they are larger
    static constexpr std::uint64_t second_us = 1'000'000;

    std::optional<ipc::Status> status; // the last
    std::uint64_t came_us = 0;         // by the console's clock
    std::string came_at;               // by the wall's, for people
    Moment now;                        // of the last status
    std::deque<ipc::Sample> samples;   // oldest first
    std::deque<Moment> moments;        // at most one a second, oldest first
    std::optional<Moment> warm;        // where "since warm-up" begins
    bool warm_seen = false;            // false: the warm-up was before we looked, it begins when we did
};

// One more status, and the past that may come with the first. A daemon that began anew has no past here.
void remember(Record&, ipc::Status, const std::vector<ipc::Sample>& history);

// Where a window begins in what was heard: nothing while that is only one status.
[[nodiscard]] const Moment* start_of(const Record&, Window) noexcept;
// The same for what samples tell: with the daemon's past, which comes with the first status.
[[nodiscard]] const ipc::Sample* first_sample_of(const Record&, Window) noexcept;

// What is between two counts: all of the later where it fell, because then it began anew.
[[nodiscard]] std::uint64_t grown(std::uint64_t from, std::uint64_t to) noexcept;

// Time from one moment to a later one: none where a clock went back.
[[nodiscard]] std::uint64_t elapsed(std::uint64_t from_us, std::uint64_t to_us) noexcept;

// By how much a count grew over a window, and that a second; nothing without a window.
[[nodiscard]] std::optional<std::uint64_t> grown_in(const Record&, Window,
                                                    std::uint64_t ipc::Sample::* count) noexcept;
[[nodiscard]] std::optional<double> rate(const Record&, Window, std::uint64_t ipc::Sample::* count) noexcept;

// A stage's answers within a window; all of the daemon's where no window is known yet.
[[nodiscard]] Distribution within(const Record&, Window, const std::string& stage);

// Two samples about a second apart: the pair belongs to the second that ends with the later.
struct Second {
    const ipc::Sample* before = nullptr;
    const ipc::Sample* after = nullptr;

    [[nodiscard]] bool known() const noexcept { return after != nullptr; }
};
// The last `count` seconds, oldest first; those of which nothing was heard are not known. `silent_us`: how
// long ago the last status came.
[[nodiscard]] std::vector<Second> last_seconds(const Record&, std::size_t count, std::uint64_t silent_us);

} // namespace embedd::console::screen
