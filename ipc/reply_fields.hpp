#pragma once

#include "ipc/reply.hpp"
#include "ipc/status_fields.hpp"

#include <tuple>
#include <utility>

// The members of the answers by their names on the wire. Private to ipc/.
namespace embedd::ipc {

template <class V, Of<Timing> M>
void describe(V& v, M& m)
{
    v("tokenize_us", m.tokenize_us);
    v("queue_us", m.queue_us);
    v("forward_us", m.forward_us);
    v("serialize_us", m.serialize_us);
    v("total_us", m.total_us);
}

template <class V, Of<EmbedReply> M>
void describe(V& v, M& m)
{
    std::pair shape{m.rows, m.dims};
    std::string dtype{to_string(m.dtype)};
    v("shape", shape);
    v("dtype", dtype);
    v("tokens", m.tokens);
    v("truncated", m.truncated);
    v("model", m.model);
    v("timing", m.timing);
    if constexpr (!std::is_const_v<M>) {
        std::tie(m.rows, m.dims) = shape;
        m.dtype = vector_type_from(dtype).value_or(VectorType::float32);
    }
}

template <class V, Of<TokenInfo> M>
void describe(V& v, M& m)
{
    v("id", m.id);
    v("text", m.text);
    v("special", m.special);
    v("start", m.start);
    v("stop", m.stop);
}

template <class V, Of<TokenizeReply> M>
void describe(V& v, M& m)
{
    v("tokens", m.tokens);
}

template <class V, Of<DecodeReply> M>
void describe(V& v, M& m)
{
    v("texts", m.texts);
}

template <class V, Of<InfoReply> M>
void describe(V& v, M& m)
{
    v("version", m.version);
    v("model", m.model);
    v("pooling", m.pooling);
    v("normalize", m.normalize);
    v("prompts", m.prompts);
    v("max_inputs", m.max_inputs);
    v("max_request_bytes", m.max_request_bytes);
    v("max_batch_tokens", m.max_batch_tokens);
    v("auto_truncate", m.auto_truncate);
}

template <class V, Of<HealthReply> M>
void describe(V& v, M& m)
{
    v("live", m.live);
    v("ready", m.ready);
    v("state", m.state);
    v("reason", m.reason);
}

template <class V, Of<StatusReply> M>
void describe(V& v, M& m)
{
    v("status", m.status);
}

template <class V, Of<MetricsReply> M>
void describe(V& v, M& m)
{
    v("text", m.text);
}

template <class V, Of<WarmUpsReply> M>
void describe(V& v, M& m)
{
    v("warmups", m.warmups);
}

template <class V, Of<Progress> M>
void describe(V& v, M& m)
{
    v("step", m.step);
    v("replica", m.replica);
    v("done", m.done);
    v("total", m.total);
    v("rows", m.rows);
}

template <class V, Of<RewarmReply> M>
void describe(V& v, M& m)
{
    v("dry_run", m.dry_run);
    v("replicas", m.replicas);
    v("cells", m.cells);
    v("estimate_us", m.estimate_us);
    v("report", m.report);
}

template <class V, Of<ReloadReply> M>
void describe(V& v, M& m)
{
    v("dry_run", m.dry_run);
    v("model", m.model);
    v("fingerprint", m.fingerprint);
    v("generation", m.generation);
    v("needed_bytes", m.needed_bytes);
    v("available_bytes", m.available_bytes);
    v("took_us", m.took_us);
    v("report", m.report);
}

template <class V, Of<DrainReply> M>
void describe(V& v, M& m)
{
    v("answered", m.answered);
    v("took_us", m.took_us);
}

template <class V, Of<ResumeReply> M>
void describe(V& v, M& m)
{
    v("resumed", m.resumed);
}

template <class V, Of<RestartReplicaReply> M>
void describe(V& v, M& m)
{
    v("dry_run", m.dry_run);
    v("replica", m.replica);
    v("pid", m.pid);
    v("took_us", m.took_us);
}

template <class V, Of<CancelReply> M>
void describe(V& v, M& m)
{
    v("cancelled", m.cancelled);
}

} // namespace embedd::ipc
