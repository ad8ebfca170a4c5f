#include "daemon/model_change.hpp"

#include <algorithm>

namespace embedd::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t worker_without_weights = 256ULL << 20;

bool is_below(const fs::path& path, const fs::path& directory)
{
    const auto [rest, ignored] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
    return rest == directory.end();
}

std::string mebibytes(std::uint64_t bytes)
{
    return std::to_string((bytes >> 20U) + 1) + " MiB";
}

} // namespace

ipc::Result<fs::path> allowed_model(const std::optional<std::string>& named, const fs::path& served,
                                    const Options& options)
{
    if (!named)
        return served;
    if (!fs::path(*named).is_absolute())
        return ipc::Error{
            ipc::ErrorType::bad_request, "'model' must be the absolute path of a directory", {}};
    std::error_code error;
    const auto model = fs::canonical(*named, error);
    const auto allowed = [&](const fs::path& directory) {
        std::error_code missing;
        const auto real = fs::canonical(directory, missing);
        return !missing && is_below(model, real);
    };
    if (!error && model != served && model != options.model &&
        std::ranges::none_of(options.models_allow, allowed))
        return ipc::Error{ipc::ErrorType::forbidden,
                          "'model' must be the configured model or lie below a directory of --models-allow",
                          {}};
    if (error || !fs::is_directory(model, error))
        return ipc::Error{ipc::ErrorType::bad_request, "'model' is no directory that can be read", {}};
    return model;
}

std::uint64_t estimate_bytes(const fs::path& model, std::uint64_t replicas,
                             const std::vector<ipc::ReplicaStatus>& of_today)
{
    std::uint64_t weights = 0;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(model, error)) {
        std::error_code unreadable;
        const auto size = file.file_size(unreadable);
        if (!unreadable && file.path().extension() == ".safetensors")
            weights += size;
    }
    std::uint64_t beside = 0;
    for (const auto& replica : of_today)
        if (replica.memory.rss_bytes && replica.memory.weights_bytes)
            beside = std::max(beside, *replica.memory.rss_bytes -
                                          std::min(*replica.memory.rss_bytes, *replica.memory.weights_bytes));
    return replicas * (weights + weights / 2 + (beside != 0 ? beside : worker_without_weights));
}

std::optional<ipc::Error> no_room(std::uint64_t needed_bytes, std::optional<std::uint64_t> available_bytes)
{
    if (!available_bytes || needed_bytes <= *available_bytes)
        return std::nullopt;
    return ipc::Error{ipc::ErrorType::insufficient_memory,
                      "a second model needs about " + mebibytes(needed_bytes) + ", " +
                          mebibytes(*available_bytes) +
                          " are available: free some, or reload in place (clients wait meanwhile)",
                      {}};
}

} // namespace embedd::daemon
