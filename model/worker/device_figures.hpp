#pragma once

#include "ipc/status.hpp"
#include "model/nvml/gpu.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace embedd::model {

// A GPU's figures as the heart-beat tells them, read each second by a thread of its own, since the driver may
// take its time or never answer. What it does not tell is absent.
class DeviceFigures {
public:
    struct Settings {
        std::string id;     // as --device names it: "cuda:0"
        std::string name;   // "NVIDIA H200"
        std::string bus_id; // as cudaDeviceGetPCIBusId tells it
        // Device memory that this process's allocator holds, if it can tell: an exception says that it
        // cannot. Called on the thread that reads.
        std::function<std::optional<std::uint64_t>()> reserved_bytes = {};
        std::string library = nvml::usual_library;
        std::chrono::milliseconds interval{1'000};
        std::chrono::milliseconds lifetime{5'000}; // of figures that no newer ones follow
    };
    explicit DeviceFigures(Settings);
    ~DeviceFigures(); // waits for a reading under way
    DeviceFigures(const DeviceFigures&) = delete;
    DeviceFigures& operator=(const DeviceFigures&) = delete;

    // The last ones, or id and name alone where there are none or they are old. From any thread, at once.
    [[nodiscard]] ipc::DeviceStatus latest() const;

private:
    using Clock = std::chrono::steady_clock;

    void run(const std::stop_token&);
    [[nodiscard]] ipc::DeviceStatus read(const nvml::Gpu&) const;
    [[nodiscard]] std::optional<std::uint64_t> reserved_bytes() const;

    const Settings settings_;
    mutable std::mutex mutex_;
    std::condition_variable_any pause_;
    ipc::DeviceStatus figures_;
    Clock::time_point read_at_;
    std::jthread thread_; // last: it uses all of the above
};

// Device memory that is not this process's: all that is used, less what the driver says of the process, or
// what its allocator holds where that is more. In a container the driver's pids are not ours. Nothing where
// neither is known.
[[nodiscard]] std::optional<std::uint64_t> bytes_of_others(const nvml::Reading&, std::uint32_t pid,
                                                           std::optional<std::uint64_t> reserved_bytes);

} // namespace embedd::model
