#pragma once

#include "daemon/options.hpp"

namespace embedd::daemon {

// The directory that --model means: itself, or for org/name its snapshot in the local Hugging Face cache
// (HF_HUB_CACHE, HF_HOME, ~/.cache/huggingface).
[[nodiscard]] Result<std::filesystem::path> find_model(const std::filesystem::path& named,
                                                       const Environment&);

} // namespace embedd::daemon
