#include "bench/token_requests.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace embedd::bench {

using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

ipc::Client connected_to(const std::filesystem::path& socket)
{
    return ipc::Client{{.socket = socket, .timeout = std::chrono::minutes{1}, .name = "embed-bench"}};
}

} // namespace

ipc::Status status_of(const std::filesystem::path& socket)
{
    auto reply = connected_to(socket).status();
    if (!reply)
        throw std::runtime_error("status: " + reply.error().error.message);
    return std::move(reply->status);
}

std::int32_t vocabulary_of(const std::filesystem::path& model)
{
    const auto file = model / "config.json";
    std::ifstream stream{file};
    const auto config = nlohmann::json::parse(stream, nullptr, /* allow_exceptions = */ false);
    if (!config.is_object() || !config.contains("vocab_size") || !config["vocab_size"].is_number_unsigned() ||
        config["vocab_size"] == 0)
        throw std::runtime_error(file.string() + " has no vocab_size, below which token ids are drawn");
    return config["vocab_size"].get<std::int32_t>();
}

ModelCard model_card(const std::filesystem::path& socket)
{
    const auto status = status_of(socket);
    if (!status.model || status.model->max_tokens == 0)
        throw std::runtime_error("status names no model, or none that takes tokens");
    ModelCard model{.path = status.model->path,
                    .dtype = status.model->dtype,
                    .longest = status.model->max_tokens,
                    .vocabulary = vocabulary_of(status.model->path)};
    static_cast<void>(TokenRequests{socket, model, 1}.ask_as_stranger({model.longest}));
    return model;
}

TokenRequests::TokenRequests(std::filesystem::path socket, const ModelCard& model, std::uint64_t seed)
    : socket_(std::move(socket)), vocabulary_(model.vocabulary), random_(seed)
{
}

microseconds TokenRequests::ask(const Shape& shape)
{
    if (!client_)
        client_ = connected_to(socket_);
    return time(*client_, shape);
}

microseconds TokenRequests::ask_as_stranger(const Shape& shape)
{
    auto client = connected_to(socket_);
    return time(client, shape);
}

microseconds TokenRequests::time(ipc::Client& client, const Shape& shape)
{
    std::uniform_int_distribution<std::int32_t> draw{0, vocabulary_ - 1};
    ipc::EmbedRequest request;
    for (const auto tokens : shape) {
        ipc::TokenIds ids(tokens);
        std::generate(ids.begin(), ids.end(), [&] { return draw(random_); });
        request.inputs.emplace_back(std::move(ids));
    }
    const auto begun = steady_clock::now();
    const auto answer = client.embed(std::move(request));
    const auto took = std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
    if (!answer)
        throw std::runtime_error("embed: " + answer.error().error.message);
    return took;
}

} // namespace embedd::bench
