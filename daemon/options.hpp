#pragma once

#include "daemon/failure.hpp"
#include "daemon/load_balancing.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace embedd::daemon {

enum class WarmUpGate : std::uint8_t {
    warn,   // a missed promise is said loudly, and the service is ready all the same
    strict, // a missed promise keeps the service in `failed`, retrying
};

enum class LoadMode : std::uint8_t {
    eager, // weights are read at the start
    lazy,  // at the first request; until then the service is started and not loaded
};

enum class GpuAssignment : std::uint8_t {
    dedicated, // so many replicas on each device
    shared,    // so many in all, dealt over the devices in turn
};

// What the operator may set: flag, then EMBEDD_ environment, then the configuration file, then these
// defaults. option_table.cpp is the one list of names, texts and limits; help, man page and errors are made
// from it.
struct Options {
    std::filesystem::path model;                     // an existing directory once options are read
    std::vector<std::filesystem::path> models_allow; // directories of models a reload may take
    std::optional<std::filesystem::path> socket;
    std::optional<mode_t> socket_mode; // nothing: 0660 with the group, 0600 without
    std::string socket_group = "embedd";
    std::vector<std::string> devices{"auto"}; // or "cpu", or CUDA devices: "cuda:0", "cuda:1"
    std::string dtype = "auto";
    std::uint32_t replicas = 1;
    GpuAssignment gpu_assignment = GpuAssignment::dedicated;
    bool cpu_pinning = true;
    LoadBalancing load_balancing = LoadBalancing::least_loaded;
    std::uint32_t lanes = 0;                                    // 0: one a CPU
    std::uint32_t max_batch_tokens = 0;                         // 0: calibrated by warm-up
    std::optional<std::chrono::milliseconds> max_batch_latency; // nothing: as suits the device
    double gpu_memory_fraction = 0.9;
    std::uint64_t max_queue_tokens = 2'000'000;
    std::uint32_t max_clients = 4096;
    std::uint64_t max_client_bytes = 512ULL << 20;
    std::uint64_t max_request_bytes = 16ULL << 20;
    std::uint32_t max_inputs = 8192;
    bool auto_truncate = true;
    std::chrono::milliseconds hold_limit{60'000};
    std::chrono::milliseconds frame_limit{30'000};
    std::chrono::milliseconds write_limit{10'000};
    std::chrono::milliseconds drain_timeout{30'000};
    LoadMode load = LoadMode::eager;
    bool warmup = true;
    std::chrono::milliseconds warmup_budget{20'000};
    WarmUpGate warmup_gate = WarmUpGate::warn;
    std::uint32_t tokenizer_threads = 0;   // 0: one a core
    std::filesystem::path state_directory; // nothing is kept when empty; systemd's STATE_DIRECTORY
    std::filesystem::path worker;          // embedd-worker; empty: beside embedd, then libexec
};

// What the command line asks for instead of serving.
enum class Task : std::uint8_t { serve, print_plan, help, version, man_page };

struct Invocation {
    Task task = Task::serve;
    Options options;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Refuses with ExitCode::usage (flags) or ExitCode::configuration (environment, file, model directory),
// naming the source and what is allowed.
[[nodiscard]] Result<Invocation> read_options(std::span<const std::string> arguments, const Environment&,
                                              const std::filesystem::path& configuration_file);

[[nodiscard]] std::string help_text();
[[nodiscard]] std::string man_page();

} // namespace embedd::daemon
