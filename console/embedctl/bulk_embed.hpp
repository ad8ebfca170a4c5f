#pragma once

#include "ipc/client.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace embedd::console {

struct BulkOptions {
    ipc::Client::Options client;
    ipc::EmbedRequest request; // everything but the inputs
    ipc::Priority priority = ipc::Priority::interactive;
    std::size_t texts_a_request = 64;
    std::size_t requests_in_flight = 4;
};

// The answer for the texts `first` and on.
struct Rows {
    std::uint64_t first = 0;
    ipc::Embeddings embeddings;
};

// Embeds what `next` gives, several requests at a time, and hands the answers to `take` in the order of the
// texts. Both are called by one thread at a time. Memory is bounded by a few requests. Ends at the first
// failure, whose message then names the texts it belongs to.
[[nodiscard]] std::optional<ipc::CallFailure>
bulk_embed(const BulkOptions&, const std::function<std::optional<std::string>()>& next,
           const std::function<void(Rows)>& take);

} // namespace embedd::console
