#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace embedd::model {

// Serve the daemon over a descriptor that it left open.
struct ServeOptions {
    int channel = 0;
    std::filesystem::path model;
    std::string device; // "auto" and "cpu" are served
    std::string dtype;  // "auto", "float32" or "bfloat16"
    int lanes = 0;
};

// Print how fast this machine multiplies the model's matrices.
struct CeilingOptions {
    std::filesystem::path model; // empty: the default model's shapes
    std::string dtype;
    std::chrono::milliseconds duration{};
};

// Nothing is left to do: --help, --version or a fault of usage, already printed.
struct Finished {
    int exit_code = 0;
};

using Options = std::variant<ServeOptions, CeilingOptions, Finished>;

[[nodiscard]] Options read_options(int argc, char** argv);

} // namespace embedd::model
