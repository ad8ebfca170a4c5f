#pragma once

#include "daemon/vectors.hpp"
#include "ipc/error.hpp"
#include "ipc/reply.hpp"
#include "ipc/request.hpp"
#include "ipc/worker_protocol.hpp"
#include "model/tokenizer/tokenizer.hpp"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace embedd::daemon {

// What a client asked for, checked against the model: ready for the queue.
struct Prepared {
    std::vector<ipc::TokenIds> inputs;
    std::vector<std::uint32_t> truncated; // indices of inputs that were cut
    VectorFormat format;
};

// The model as the front needs it, once both halves are known.
struct ServedModel {
    ipc::ModelCard card;
    tokenizer::Tokenizer tokenizer;
};

// Refuses on the first input at fault, by its index: one bad input fails its request and nothing else. All
// below are pure and safe on any thread; a stop request ends them between two inputs with any error.
[[nodiscard]] ipc::Result<Prepared> prepare(const ipc::EmbedRequest&, const ServedModel&, bool auto_truncate,
                                            std::stop_token);
[[nodiscard]] ipc::Result<ipc::TokenizeReply> tokenize(const ipc::TokenizeRequest&, const ServedModel&,
                                                       std::stop_token);
[[nodiscard]] ipc::Result<ipc::DecodeReply> decode(const ipc::DecodeRequest&, const ServedModel&,
                                                   std::stop_token);

} // namespace embedd::daemon
