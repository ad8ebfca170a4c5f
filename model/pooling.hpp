#pragma once

#include "model/config.hpp"

#include <cstdint>
#include <filesystem>

namespace embedd::model {

struct PoolingSteps {
    Pooling pooling = Pooling::mean;
    bool normalize = false;
};

// What modules.json makes of the tokens' vectors: one pooling, perhaps a normalisation, nothing else.
[[nodiscard]] Result<PoolingSteps> read_pooling(const std::filesystem::path& directory,
                                                std::int64_t hidden_size);

} // namespace embedd::model
