#include "bench/expected_vectors.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace embedd::bench {

namespace {

// What else is in the batch may move the last bits of a bfloat16 vector; another text's is far off.
constexpr double same_vector = 0.999;

} // namespace

ExpectedVectors::ExpectedVectors(const std::filesystem::path& socket, std::vector<std::string> texts)
    : texts_(std::move(texts))
{
    ipc::Client client{{.socket = socket, .timeout = std::chrono::minutes{1}, .name = "embed-bench"}};
    for (const auto& text : texts_) {
        ipc::EmbedRequest request;
        request.inputs.emplace_back(text);
        const auto answer = client.embed(std::move(request));
        if (!answer)
            throw std::runtime_error(answer.error().error.message);
        const auto vector = ipc::float_rows(answer->reply, answer->payload);
        if (!vector || vector->empty())
            throw std::runtime_error("a text was answered without a vector");
        vectors_.push_back(*vector);
    }
}

ipc::EmbedRequest ExpectedVectors::ask(const std::vector<std::size_t>& numbers) const
{
    ipc::EmbedRequest request;
    for (const auto number : numbers)
        request.inputs.emplace_back(texts_.at(number));
    return request;
}

std::optional<std::string> ExpectedVectors::fault_of(const ipc::Frame& answer,
                                                     const std::vector<std::size_t>& numbers) const
{
    const auto reply = ipc::parse_reply<ipc::EmbedReply>(answer.header);
    if (!reply)
        return reply.error().message;
    const auto rows = ipc::float_rows(*reply, answer.payload);
    if (!rows)
        return rows.error().message;
    if (reply->rows != numbers.size())
        return std::to_string(reply->rows) + " vectors for " + std::to_string(numbers.size()) + " texts";
    for (std::size_t row = 0; row < numbers.size(); ++row) {
        const auto& expected = vectors_.at(numbers[row]);
        const auto similarity = cosine(expected, rows->data() + row * reply->dims, reply->dims);
        if (!(similarity >= same_vector)) // NaN is wrong too
            return "vector " + std::to_string(row) + " of " + std::to_string(numbers.size()) +
                   " has a cosine of " + std::to_string(similarity) + " to its text's";
    }
    return std::nullopt;
}

double cosine(const std::vector<float>& vector, const float* other, std::size_t dimensions)
{
    if (vector.size() != dimensions)
        return 0;
    double product = 0, length = 0, other_length = 0;
    for (std::size_t i = 0; i < dimensions; ++i) {
        product += double{vector[i]} * other[i];
        length += double{vector[i]} * vector[i];
        other_length += double{other[i]} * other[i];
    }
    return length == 0 || other_length == 0 ? 0 : product / std::sqrt(length * other_length);
}

} // namespace embedd::bench
