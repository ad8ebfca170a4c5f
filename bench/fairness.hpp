#pragma once

#include "bench/texts.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::bench {

// Clients of one user beside each other, each kind on connections of its own. All measurements below throw
// std::runtime_error when the daemon refuses or breaks off what must be answered.
struct FairnessOptions {
    std::filesystem::path socket;
    std::chrono::milliseconds time{10'000}; // of each window
    std::uint64_t pairs = 3;                // of windows, where windows alternate
    std::size_t bulk_texts = 8192;          // in the larger of a bulk job's two requests
};

// What a client with one short text at a time waits, alone and beside 10,000-text jobs without pause.
struct Interference {
    std::optional<std::chrono::microseconds> alone_p50, alone_p99, beside_p50, beside_p99;
    std::optional<std::chrono::microseconds> full_batch;  // in a lane: the mean while there is only bulk work
    std::optional<std::chrono::microseconds> forward_p99; // of all batches of the replica so far

    // Three times alone and one full batch: what may be waited for beside bulk work.
    [[nodiscard]] std::optional<std::chrono::microseconds> bound() const;
};

[[nodiscard]] Interference measure_interference(const FairnessOptions&);

// Tokens that two kinds of clients were given in the same time.
struct Shares {
    std::uint64_t first = 0, second = 0;

    [[nodiscard]] std::optional<double> of_first() const; // 0 to 1; nothing where nothing was answered
};

// Two clients that each keep several full batches waiting.
[[nodiscard]] Shares measure_equal_shares(const FairnessOptions&);

// First: such a client of batch priority. Second: 64 interactive clients that leave no lane idle.
[[nodiscard]] Shares measure_floor(const FairnessOptions&);

// Tokens a second of 64 clients with one text each ÷ those of one client that keeps full batches waiting, the
// one window after the other, pair by pair.
struct Gathering {
    std::vector<double> many, one; // tokens a second, by pair
    std::vector<double> ratios;
};

[[nodiscard]] Gathering measure_gathering(const FairnessOptions&, TextKind texts);

struct FairnessBars {
    double apart = 0.05;     // of all tokens: between the shares of two equal clients
    double floor = 0.1;      // of all tokens: batch priority's least; an eighth of device time is promised
    double gathering = 0.95; // the median ratio
};

// A sentence for each bar that was missed. What was not measured cannot be kept.
[[nodiscard]] std::vector<std::string> missed_bars(const Interference&);
[[nodiscard]] std::vector<std::string> missed_bars_of_equals(const Shares&, const FairnessBars&);
[[nodiscard]] std::vector<std::string> missed_bars_of_floor(const Shares&, const FairnessBars&);
[[nodiscard]] std::vector<std::string> missed_bars(const Gathering&, const FairnessBars&);

} // namespace embedd::bench
