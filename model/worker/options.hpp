#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace embedd::model {

// The model, and how it is to be computed.
struct ModelOptions {
    std::filesystem::path directory;
    std::string device = "auto";       // "auto", "cpu", "cuda", "cuda:1"
    std::string dtype = "auto";        // or a name of Dtype
    int lanes = 0;                     // 0: as many as use the device best
    std::int64_t max_batch_tokens = 0; // 0: as warm-up will measure
    double gpu_memory_fraction = 0.9;
    std::string gpu_kernels = "fused"; // or "aten", their reference
};

// Serve the daemon over a descriptor that it left open.
struct ServeOptions {
    int channel = 0;
    ModelOptions model;
};

// Print what a warm-up's plan is made from.
struct DescribeOptions {
    ModelOptions model;
};

// Compute batches of the lengths that standard input names, as a plain program would.
struct BareLoopOptions {
    ModelOptions model;
};

// Print how fast this machine multiplies the model's matrices.
struct CeilingOptions {
    ModelOptions model; // without a directory: the default model's shapes
    std::chrono::milliseconds duration{};
};

// Nothing is left to do: --help, --version or a fault of usage, already printed.
struct Finished {
    int exit_code = 0;
};

using Options = std::variant<ServeOptions, CeilingOptions, DescribeOptions, BareLoopOptions, Finished>;

[[nodiscard]] Options read_options(int argc, char** argv);

} // namespace embedd::model
