#pragma once

#include "bench/expected_vectors.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace embedd::bench {

struct ChaosClientsOptions {
    std::filesystem::path socket;
    std::size_t clients = 16;
    std::uint64_t seed = 1;
    std::chrono::milliseconds pause{0};         // of a client, after an answer
    std::chrono::milliseconds deadline{60'000}; // of a request with all its retries
};

// What became of the requests of all clients.
struct ChaosTally {
    std::uint64_t requests = 0, answered = 0;
    std::map<std::string, std::uint64_t> retried; // by cause
    std::uint64_t failed = 0;                     // refused for good, or not answered by the deadline
    std::uint64_t duplicates = 0;                 // answers to a request that had been answered
    std::uint64_t wrong = 0;                      // answers that are not what was asked for
    std::string first_failure, first_wrong;
    std::chrono::milliseconds longest_stall{0}; // without any answer to anybody
};

// Clients that ask one thing after the other, 1 to 8 texts, one in four of batch priority, and never give up
// before their deadline, on a thread and an event loop of their own from construction to finish().
class ChaosClients {
public:
    // `expected` outlives this.
    ChaosClients(const ChaosClientsOptions&, const ExpectedVectors& expected);
    ~ChaosClients();
    ChaosClients(const ChaosClients&) = delete;
    ChaosClients& operator=(const ChaosClients&) = delete;

    [[nodiscard]] std::uint64_t answered() const noexcept; // so far; on any thread
    // Waits for the requests under way, each at most until its deadline. To be called once.
    [[nodiscard]] ChaosTally finish();

private:
    class Crowd;
    std::unique_ptr<Crowd> crowd_;
};

} // namespace embedd::bench
