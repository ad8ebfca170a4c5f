#pragma once

#include "model/backend.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace embedd::model {

// Where and how the module computes.
struct CudaPlace {
    int device = 0;             // as CUDA numbers those that are visible
    double memory_fraction = 1; // of the device's memory, that the allocator may take
    bool fused_kernels = true;  // our own; else ATen's operators, which are their reference
};

// What one GEMM of the model's shapes reaches, and a copy within the device's memory.
struct CudaCeiling {
    double gflops = 0;           // over the linear layers of one layer
    double bytes_per_second = 0; // read and written
};

// libembedd-cuda.so, which the worker opens for a CUDA device alone: a host without CUDA's libraries never
// loads it. Both are of one build. Made once in a process; calls are made by one thread.
class CudaModule {
public:
    virtual ~CudaModule() = default;

    // Makes the device's context, which takes some tenths of a second. Before the others.
    [[nodiscard]] virtual Result<void> start(const CudaPlace& place) = 0;

    [[nodiscard]] virtual Result<std::unique_ptr<Encoder>> load(const ModelConfig& config,
                                                                Checkpoint& checkpoint, Dtype dtype,
                                                                std::size_t lanes, std::int64_t most_rows,
                                                                const LoadProgress& progress) = 0;

    [[nodiscard]] virtual Result<CudaCeiling> ceiling(const ModelConfig& config, Dtype dtype,
                                                      std::int64_t rows) = 0;
};

// The one name the module is entered by.
inline constexpr const char* cuda_module_library = "libembedd-cuda.so";
inline constexpr const char* cuda_module_entry = "embedd_cuda_module";
using CudaModuleEntry = CudaModule* (*)(); // the caller's to delete

} // namespace embedd::model
