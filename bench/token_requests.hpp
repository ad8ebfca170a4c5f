#pragma once

#include "bench/shapes.hpp"
#include "ipc/client.hpp"
#include "ipc/status.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>

namespace embedd::bench {

// What must be known of a model to send it token ids and to load it a second time.
struct ModelCard {
    std::string path, dtype;
    std::uint64_t longest = 0; // tokens of an input
    std::int32_t vocabulary = 0;
};

// All below throw std::runtime_error with the daemon's words when a call fails.
[[nodiscard]] ipc::Status status_of(const std::filesystem::path& socket);
// Sends one request too, so that nothing of ours is done for the first time in a start that is measured.
[[nodiscard]] ModelCard model_card(const std::filesystem::path& socket);
// vocab_size of a model directory's config.json.
[[nodiscard]] std::int32_t vocabulary_of(const std::filesystem::path& model);

// Times embed requests of random token ids: the daemon's tokenizer is no part of them. Makes the ids before
// the clock starts.
class TokenRequests {
public:
    TokenRequests(std::filesystem::path socket, const ModelCard& model, std::uint64_t seed);

    [[nodiscard]] std::chrono::microseconds ask(const Shape&); // over one connection
    [[nodiscard]] std::chrono::microseconds
    ask_as_stranger(const Shape&); // over a new one, opened in the time

private:
    [[nodiscard]] std::chrono::microseconds time(ipc::Client&, const Shape&);

    std::filesystem::path socket_;
    std::int32_t vocabulary_;
    std::mt19937_64 random_;
    std::optional<ipc::Client> client_;
};

} // namespace embedd::bench
