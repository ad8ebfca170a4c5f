#include "model/worker/cuda_backend.hpp"

#include "model/cuda/driver.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <string>
#include <utility>

namespace embedd::model {

namespace {

// Work of this many tokens fills a large GPU; warm-up measures what is best below it.
constexpr std::int64_t largest_batch = 16384;

std::string id_of(int device)
{
    return "cuda:" + std::to_string(device);
}

Failure missing(int device, const std::string& what)
{
    return {Errc::device_missing, "device " + id_of(device) + ": " + what};
}

class CudaBackend : public Backend {
public:
    CudaBackend(const CudaPlace& place, Gpu gpu) : place_(place), gpu_(std::move(gpu)) {}

    std::string id() const override { return id_of(place_.device); }
    std::string name() const override { return gpu_.name; }
    std::optional<std::string> pci_bus_id() const override { return gpu_.pci_bus_id; }

    // While one lane's results travel and its next batch is packed, the other one computes.
    int lanes() const override { return 2; }

    Result<Dtype> dtype(std::string_view named) const override
    {
        const bool multiplies_bfloat16 = gpu_.capability_major >= 8; // Ampere's tensor cores are the first
        if (named == "auto")
            return multiplies_bfloat16 ? Dtype::bfloat16 : Dtype::float16;
        const auto dtype = dtype_named(named);
        if (!dtype || (*dtype == Dtype::bfloat16 && !multiplies_bfloat16))
            return Failure{Errc::unsupported,
                           "--dtype " + std::string{named} + " is not computed by " + gpu_.name};
        return *dtype;
    }

    Ladder ladder(const ModelConfig& config, std::int64_t max_batch_tokens) const override
    {
        return Ladder::for_gpu(max_batch_tokens > 0 ? max_batch_tokens : largest_batch, config.max_tokens);
    }

    void settle_environment(const Ladder&) const override
    {
        // What the operator set stays. cuBLASLt's usual workspace of 1 MiB leaves Hopper's best kernels out;
        // one that grows by pages in place of blocks of fixed sizes leaves no holes.
        ::setenv("CUBLASLT_WORKSPACE_SIZE", "32768", 0); // KiB
        ::setenv("TORCH_CUBLASLT_UNIFIED_WORKSPACE", "1", 0);
        ::setenv("PYTORCH_ALLOC_CONF", "expandable_segments:True", 0);
    }

    Result<void> start() override
    {
        // Global, because libtorch looks for its CUDA half among all that is loaded; for ever, because CUDA's
        // libraries cannot be closed.
        void* const library = ::dlopen(cuda_module_library, RTLD_NOW | RTLD_GLOBAL);
        const auto entry = library ? reinterpret_cast<CudaModuleEntry>(::dlsym(library, cuda_module_entry))
                                   : CudaModuleEntry{};
        if (!entry)
            return missing(place_.device, std::string{"CUDA's libraries cannot be loaded: "} + ::dlerror());
        module_.reset(entry());
        // A GPU whose context cannot be made is none: "auto" goes on without it.
        if (const auto made = module_->start(place_); !made)
            return missing(place_.device, made.error().detail);
        return {};
    }

    Result<std::unique_ptr<Encoder>> load(const ModelConfig& config, Checkpoint& checkpoint, Dtype dtype,
                                          std::size_t lanes, std::int64_t most_rows,
                                          const LoadProgress& progress) override
    {
        return module_->load(config, checkpoint, dtype, lanes, most_rows, progress);
    }

    Result<DeviceCeiling> ceiling(const ModelConfig& config, Dtype dtype, std::chrono::milliseconds) override
    {
        constexpr std::int64_t rows = 8192;
        const auto measured = module_->ceiling(config, dtype, rows);
        if (!measured)
            return measured.error();
        return DeviceCeiling{.rows = rows,
                             .rates = {{.lanes = 1, .gflops = measured->gflops}},
                             .copy_bytes_per_second = measured->bytes_per_second};
    }

private:
    CudaPlace place_;
    Gpu gpu_;
    std::unique_ptr<CudaModule> module_;
};

} // namespace

Result<std::unique_ptr<Backend>> cuda_backend(const CudaPlace& place)
{
    auto found = gpus();
    if (!found)
        return missing(place.device, found.error().detail);
    const auto index = static_cast<std::size_t>(place.device);
    if (index >= found->size())
        return missing(place.device, "there are " + std::to_string(found->size()) + " GPUs, numbered from 0");
    return std::unique_ptr<Backend>(std::make_unique<CudaBackend>(place, std::move((*found)[index])));
}

} // namespace embedd::model
