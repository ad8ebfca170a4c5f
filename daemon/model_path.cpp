#include "daemon/model_path.hpp"

#include <algorithm>
#include <fstream>

namespace embedd::daemon {
namespace {

namespace fs = std::filesystem;

fs::path hub_cache(const Environment& environment)
{
    if (const auto cache = environment("HF_HUB_CACHE"))
        return *cache;
    if (const auto home = environment("HF_HOME"))
        return fs::path(*home) / "hub";
    if (const auto cache = environment("XDG_CACHE_HOME"))
        return fs::path(*cache) / "huggingface/hub";
    return fs::path(environment("HOME").value_or("/")) / ".cache/huggingface/hub";
}

bool is_hub_name(const std::string& name)
{
    return std::ranges::count(name, '/') == 1 && !name.starts_with('/') && !name.starts_with('.') &&
           !name.ends_with('/');
}

} // namespace

Result<fs::path> find_model(const fs::path& named, const Environment& environment)
{
    if (named.empty()) {
        return Failure{ExitCode::configuration, "no model: name its directory by --model, EMBEDD_MODEL or "
                                                "\"model\" in the configuration file"};
    }
    std::error_code error;
    if (fs::is_directory(named, error))
        return named;
    if (fs::exists(named, error))
        return Failure{ExitCode::configuration, "model " + named.string() + " is no directory"};
    if (!is_hub_name(named.string())) {
        return Failure{ExitCode::configuration,
                       "model " + named.string() + ": there is no such directory, or it may not be read"};
    }

    auto folder = named.string();
    folder.replace(folder.find('/'), 1, "--");
    const auto repository = hub_cache(environment) / ("models--" + folder);
    std::string revision;
    std::ifstream(repository / "refs/main") >> revision;
    const auto snapshot = repository / "snapshots" / revision;
    if (revision.empty() || !fs::is_directory(snapshot, error)) {
        return Failure{ExitCode::configuration, "model " + named.string() +
                                                    ": neither a directory nor in the Hugging Face cache (" +
                                                    repository.string() + ")"};
    }
    return snapshot;
}

} // namespace embedd::daemon
