#pragma once

#include "ipc/reply.hpp"
#include "ipc/status.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

// What warm-ups measured, as text: for embedctl and for the operator's screen. Everything the daemon sent is
// made printable.
namespace embedd::console {

// A title line and a line a warm-up. `warmups` come oldest first, as the daemon lists them, and are numbered
// from the newest, which is 1; the newest `at_most` are shown.
[[nodiscard]] std::string list_warm_ups(std::span<const ipc::WarmUpRecord> warmups, std::size_t at_most);

// Phases, cells and memory of two warm-ups side by side, with the change from a to b. Cells are the same when
// their stage, task, rows, length and concurrency are.
[[nodiscard]] std::string compare(const ipc::WarmUpRecord& a, const ipc::WarmUpRecord& b);

// What a re-warm would do, where it was a dry run, else what it did: times before and after.
[[nodiscard]] std::string describe(const ipc::RewarmReply&);

// One line, without a newline: state, result, ratios, cold hits.
[[nodiscard]] std::string summary(const ipc::WarmUpStatus&);

// "warm-up would have saved about 600 ms over 3 shapes".
[[nodiscard]] std::string describe(const ipc::ColdStart&);

// The last cold batches, at most `at_most`, newest last: "rung: 64 rows, longest input 60 tokens, took 5.00
// ms, expected 3.00 ms".
[[nodiscard]] std::vector<std::string> last_cold_hits(const ipc::ColdHits&, std::size_t at_most);

} // namespace embedd::console
