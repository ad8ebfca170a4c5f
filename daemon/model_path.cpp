#include "daemon/model_path.hpp"

#include <algorithm>
#include <fstream>

namespace embedd::daemon {

namespace fs = std::filesystem;

namespace {

std::optional<fs::path> cache_directory(const Environment& environment)
{
    if (const auto cache = environment("HF_HUB_CACHE"))
        return *cache;
    if (const auto home = environment("HF_HOME"))
        return fs::path{*home} / "hub";
    if (const auto home = environment("HOME"))
        return fs::path{*home} / ".cache" / "huggingface" / "hub";
    return std::nullopt;
}

// org/name, and nothing that would lead out of the cache.
bool is_hub_name(const std::string& named)
{
    return std::count(named.begin(), named.end(), '/') == 1 && named.front() != '/' && named.back() != '/' &&
           named.front() != '.' && named.find("..") == std::string::npos;
}

// As huggingface_hub lays it out: models--org--name/refs/main names the directory below snapshots/.
std::optional<fs::path> cached(const std::string& named, const fs::path& cache)
{
    const auto slash = named.find('/');
    const auto model = cache / ("models--" + named.substr(0, slash) + "--" + named.substr(slash + 1));
    std::string revision;
    std::ifstream{model / "refs" / "main"} >> revision;
    if (revision.empty() || revision.find('/') != std::string::npos)
        return std::nullopt;
    std::error_code ignored;
    const auto snapshot = model / "snapshots" / revision;
    return fs::is_directory(snapshot, ignored) ? std::optional{snapshot} : std::nullopt;
}

} // namespace

Result<fs::path> find_model(const std::string& named, const Environment& environment)
{
    if (named.empty())
        return Failure{ExitCode::configuration,
                       "no model: name one with --model, EMBEDD_MODEL or \"model\" in the file"};
    std::error_code error;
    if (fs::is_directory(named, error)) {
        auto directory = fs::canonical(named, error);
        if (!error)
            return directory;
    }
    const auto cache = is_hub_name(named) ? cache_directory(environment) : std::nullopt;
    if (cache) {
        if (auto snapshot = cached(named, *cache))
            return std::move(*snapshot);
        return Failure{ExitCode::configuration,
                       "model " + named + ": neither a directory nor in the Hugging Face cache " +
                           cache->string() + " (nothing is downloaded: fetch it there first)"};
    }
    return Failure{ExitCode::configuration,
                   "model " + named + ": " + (error ? error.message() : std::string{"no such directory"})};
}

} // namespace embedd::daemon
