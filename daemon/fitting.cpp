#include "daemon/fitting.hpp"

#include "daemon/log.hpp"

#include <algorithm>
#include <string>

namespace embedd::daemon {

namespace {

constexpr std::size_t ours = 64;       // socket, journal, model, pipes, and clients kept for administrators
constexpr std::size_t of_a_worker = 8; // its channel, its process, both once more while it is replaced

} // namespace

Options fitting(Options options, std::size_t descriptors, Log& log)
{
    const auto kept = std::min(ours + of_a_worker * options.replicas, descriptors / 2);
    if (const auto clients = std::max<std::size_t>(descriptors - kept, 1); clients < options.max_clients) {
        log.warning("--max-clients " + std::to_string(options.max_clients) + " is more than " +
                    std::to_string(descriptors) + " descriptors are enough for (LimitNOFILE=, ulimit -n): " +
                    "lowered to " + std::to_string(clients));
        options.max_clients = static_cast<std::uint32_t>(clients);
    }
    // While it arrives a request is in a buffer that grows by doubling, and then once more by itself.
    if (const auto most = options.max_client_bytes / 4; most < options.max_request_bytes) {
        log.warning("--max-request-bytes " + std::to_string(options.max_request_bytes) +
                    " is more than a quarter of --max-client-bytes: lowered to " + std::to_string(most));
        options.max_request_bytes = most;
    }
    return options;
}

} // namespace embedd::daemon
