#pragma once

#include "daemon/options.hpp"

#include <filesystem>
#include <string>

namespace embedd::daemon {

// The directory of a model named by the operator: a path, or org/name in the local Hugging Face cache
// ($HF_HUB_CACHE, $HF_HOME/hub, ~/.cache/huggingface/hub), its revision "main". Nothing is downloaded. Else
// ExitCode::configuration.
[[nodiscard]] Result<std::filesystem::path> find_model(const std::string& named, const Environment&);

} // namespace embedd::daemon
