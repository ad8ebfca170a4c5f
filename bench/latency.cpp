#include "bench/latency.hpp"

#include "bench/texts.hpp"
#include "ipc/client.hpp"

#include <poll.h>

#include <algorithm>
#include <stdexcept>

namespace embedd::bench {

using std::chrono::microseconds;
using std::chrono::steady_clock;

LatencyResult measure_latency(const LatencyOptions& options)
{
    ipc::Client client{{.socket = options.socket, .timeout = std::chrono::minutes{1}, .name = "embed-bench"}};
    constexpr std::uint64_t seed = 7;
    auto texts = options.tokens ? Texts::of_tokens(*options.tokens, seed) : Texts{TextKind::short_, seed};
    LatencyResult result;
    constexpr std::uint64_t warm = 20; // the client's own first calls are not the daemon's latency
    for (std::uint64_t i = 0; i < options.requests + warm; ++i) {
        ::poll(nullptr, 0, static_cast<int>(options.pause.count()));
        ipc::EmbedRequest request;
        request.inputs.emplace_back(texts.next());
        const auto begun = steady_clock::now();
        const auto answer = client.embed(std::move(request));
        const auto total = std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
        if (!answer)
            throw std::runtime_error(answer.error().error.message);
        if (i < warm)
            continue;
        const microseconds forward{static_cast<std::int64_t>(answer->reply.timing.forward_us)};
        result.total.record(total);
        result.forward.record(forward);
        result.added.record(std::max(microseconds{0}, total - forward));
    }
    return result;
}

} // namespace embedd::bench
