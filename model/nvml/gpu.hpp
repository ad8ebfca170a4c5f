#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace embedd::nvml {

class Library;

inline constexpr const char* usual_library = "libnvidia-ml.so.1";

struct Memory { // bytes
    std::uint64_t total = 0;
    std::uint64_t reserved = 0; // by the driver for itself
    std::uint64_t free = 0;
    std::uint64_t used = 0; // by processes

    friend bool operator==(const Memory&, const Memory&) = default;
};

struct Process {
    std::uint32_t pid = 0; // of the host: in a container it is not the one that the process has there
    std::optional<std::uint64_t> used_bytes;

    friend bool operator==(const Process&, const Process&) = default;
};

// What the driver told of a GPU. Each figure is there or not by itself: GPUs, drivers and permissions differ.
struct Reading {
    std::optional<Memory> memory;
    std::optional<double> utilization;        // share of the last second or so in which a kernel ran
    std::optional<double> memory_utilization; // and in which its memory was read or written
    std::optional<std::uint32_t> sm_clock_mhz, memory_clock_mhz;
    std::optional<double> power_w, temperature_c;
    std::optional<std::vector<std::string>> throttled; // reasons; empty: not throttled
    std::optional<std::vector<Process>> processes;     // that compute on it

    friend bool operator==(const Reading&, const Reading&) = default;
};

// One GPU as the driver sees it. One thread at a time.
class Gpu {
public:
    // `bus_id` as cudaDeviceGetPCIBusId tells it, "0000:17:00.0": numbers would differ where
    // CUDA_VISIBLE_DEVICES hides devices. Nothing where there is no library, no driver or no such GPU.
    [[nodiscard]] static std::optional<Gpu> open(const std::string& bus_id,
                                                 const std::string& library = usual_library);
    ~Gpu();
    Gpu(Gpu&&) noexcept;

    // Takes milliseconds, or, with a driver in trouble, for ever.
    [[nodiscard]] Reading read() const;

private:
    Gpu(std::unique_ptr<const Library>, void* device);

    std::unique_ptr<const Library> library_;
    void* device_;
};

} // namespace embedd::nvml
