#include "model/worker/backends.hpp"

#include "model/worker/cpu_backend.hpp"
#include "model/worker/cuda_backend.hpp"

#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace embedd::model {

namespace {

constexpr std::string_view cuda = "cuda";

std::optional<int> cuda_index(std::string_view device)
{
    if (!device.starts_with(cuda))
        return std::nullopt;
    device.remove_prefix(cuda.size());
    if (device.empty())
        return 0;
    int index = 0;
    const auto* const end = device.data() + device.size();
    const bool whole = device.front() == ':' && std::from_chars(device.data() + 1, end, index).ptr == end;
    return whole && index >= 0 ? std::optional{index} : std::nullopt;
}

} // namespace

Result<Backends> named_backends(const ModelOptions& options)
{
    const bool automatic = options.device == "auto";
    const auto named = automatic ? 0 : cuda_index(options.device);
    if (!named && options.device != "cpu")
        return Failure{Errc::device_missing,
                       "device " + options.device + " is none: there are auto, cpu, cuda and cuda:N"};
    Backends backends;
    if (named) {
        auto gpu = cuda_backend({.device = *named,
                                 .memory_fraction = options.gpu_memory_fraction,
                                 .fused_kernels = options.gpu_kernels == "fused"});
        if (gpu)
            backends.push_back(std::move(*gpu));
        else if (!automatic)
            return gpu.error();
    }
    if (!named || automatic)
        backends.push_back(cpu_backend());
    return backends;
}

Result<std::unique_ptr<Backend>> start_best(Backends candidates)
{
    for (auto& backend : candidates) {
        const auto started = backend->start();
        if (started)
            return std::move(backend);
        if (backend == candidates.back())
            return started.error();
        std::fprintf(stderr, "embedd-worker: %s; going on without\n", started.error().detail.c_str());
    }
    return Failure{Errc::device_missing, "no device was named"};
}

Result<StartedBackend> start_named(const ModelOptions& options)
{
    auto candidates = named_backends(options);
    if (!candidates)
        return candidates.error();
    auto backend = start_best(std::move(*candidates));
    if (!backend)
        return backend.error();
    const auto dtype = (*backend)->dtype(options.dtype);
    if (!dtype)
        return dtype.error();
    return StartedBackend{.backend = std::move(*backend), .dtype = *dtype};
}

} // namespace embedd::model
