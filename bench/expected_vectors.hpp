#pragma once

#include "ipc/client.hpp"
#include "ipc/request.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::bench {

// Texts and the vector of each, computed one at a time in quiet: what every later answer is held against.
class ExpectedVectors {
public:
    // Throws std::runtime_error when the daemon does not answer.
    ExpectedVectors(const std::filesystem::path& socket, std::vector<std::string> texts);

    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }
    // A request for these of the texts, in this order.
    [[nodiscard]] ipc::EmbedRequest ask(const std::vector<std::size_t>& numbers) const;
    // What is wrong with an answer to it: shape, number of vectors, or one that is not its text's. Nothing:
    // all is right.
    [[nodiscard]] std::optional<std::string> fault_of(const ipc::Frame& answer,
                                                      const std::vector<std::size_t>& numbers) const;

private:
    std::vector<std::string> texts_;
    std::vector<std::vector<float>> vectors_;
};

// Of the angle between the two; 0 where one has no length or the sizes differ.
[[nodiscard]] double cosine(const std::vector<float>&, const float* other, std::size_t dimensions);

} // namespace embedd::bench
