#pragma once

#include "ipc/error.hpp"
#include "ipc/fields.hpp"
#include "ipc/sample.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace embedd::ipc {

// How samples travel: column by column, what counts as the difference from one sample to the next (of the
// first: from zero), so that ten minutes are some ten kB. A column of zeros is empty. Private to ipc/.
struct SampleColumns {
    std::vector<std::int64_t> mono_us, warm_epoch, requests, inputs, tokens, errors, batches, batch_tokens,
        cold_hits, restarts, busy_us, late_requests, late_tokenize_us, late_queue_us, late_forward_us,
        late_serialize_us, late_total_us;
    std::vector<std::uint64_t> queue_requests, queue_tokens, inflight, resident_bytes;
    std::vector<std::optional<std::uint64_t>> oldest_us;
    std::vector<std::pair<std::uint64_t, std::string>> state;              // from which sample on
    std::map<std::string, std::vector<std::vector<std::int64_t>>> latency; // by stage, a column a class
};

[[nodiscard]] SampleColumns columns_of(std::span<const Sample>);
[[nodiscard]] Result<std::vector<Sample>> samples_of(const SampleColumns&);

template <class V, Of<SampleColumns> M>
void describe(V& v, M& m)
{
    v("mono_us", m.mono_us);
    v("state", m.state);
    v("warm_epoch", m.warm_epoch);
    v("requests", m.requests);
    v("inputs", m.inputs);
    v("tokens", m.tokens);
    v("errors", m.errors);
    v("batches", m.batches);
    v("batch_tokens", m.batch_tokens);
    v("cold_hits", m.cold_hits);
    v("restarts", m.restarts);
    v("busy_us", m.busy_us);
    v("late_requests", m.late_requests);
    v("late_tokenize_us", m.late_tokenize_us);
    v("late_queue_us", m.late_queue_us);
    v("late_forward_us", m.late_forward_us);
    v("late_serialize_us", m.late_serialize_us);
    v("late_total_us", m.late_total_us);
    v("queue_requests", m.queue_requests);
    v("queue_tokens", m.queue_tokens);
    v("inflight", m.inflight);
    v("oldest_us", m.oldest_us);
    v("resident_bytes", m.resident_bytes);
    v("latency", m.latency);
}

} // namespace embedd::ipc
