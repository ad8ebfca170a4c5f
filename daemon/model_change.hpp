#pragma once

#include "daemon/options.hpp"
#include "ipc/error.hpp"
#include "ipc/status.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

// The directory that a reload may take: the model that is served (nothing named), the configured one, or one
// below a directory of --models-allow. Links are followed before it is judged.
[[nodiscard]] ipc::Result<std::filesystem::path>
allowed_model(const std::optional<std::string>& named, const std::filesystem::path& served, const Options&);

// What so many replicas of a model will hold in memory, estimated from above: its files of weights, half as
// much again while they are converted, and what a worker of today holds beside its weights.
[[nodiscard]] std::uint64_t estimate_bytes(const std::filesystem::path& model, std::uint64_t replicas,
                                           const std::vector<ipc::ReplicaStatus>& of_today);

// Nothing, or that it does not fit into what is available.
[[nodiscard]] std::optional<ipc::Error> no_room(std::uint64_t needed_bytes,
                                                std::optional<std::uint64_t> available_bytes);

} // namespace embedd::daemon
