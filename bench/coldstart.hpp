#pragma once

#include "ipc/status.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace embedd::bench {

struct ColdstartOptions {
    std::filesystem::path daemon;
    std::vector<std::string> arguments; // for embedd, besides --socket
    std::chrono::seconds limit{120};
};

struct Coldstart {
    std::chrono::microseconds to_ready{}; // from exec to READY=1, as the service manager would see it
    ipc::Status status; // right after READY: phases, and first ÷ control in warmup.last.cells
};

// Starts a daemon of its own on a private socket, waits for READY=1 on a notify socket of our own, asks its
// status and ends it. Throws std::runtime_error when it does not become ready.
[[nodiscard]] Coldstart measure_coldstart(const ColdstartOptions&);

} // namespace embedd::bench
