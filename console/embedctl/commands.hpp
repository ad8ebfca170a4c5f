#pragma once

#include "console/command_line/target.hpp"
#include "console/embedctl/report.hpp"
#include "ipc/client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace embedd::console {

enum class Format : std::uint8_t { text, json };

struct EmbedOptions {
    std::vector<std::string> texts;
    std::optional<std::string> input;  // a file of lines, "-" for standard input
    std::optional<std::string> output; // a .npy file; nothing: JSON lines
    ipc::EmbedRequest request;
    ipc::Priority priority = ipc::Priority::interactive;
    std::size_t texts_a_request = 64;
    std::size_t requests_in_flight = 4;
};

struct TokenizeOptions {
    std::vector<std::string> texts;
    bool special_tokens = true;
    Format format = Format::text;
};

// What of the past warm-ups is shown: JSON, or the verdict, or a comparison, or else the list.
struct WarmUpsOptions {
    std::optional<std::size_t> newest;                // so many of the list; nothing: all
    std::optional<std::vector<std::size_t>> compared; // two numbers of the list; none: the newest two
    std::optional<double> ratio_at_most;              // judges the newest, for a user's own tests
    double worst_at_most = 1.5;
    Format format = Format::text;
};

struct RewarmOptions {
    std::optional<std::string> task;
    std::optional<std::string> lengths; // "8,32,100"
    bool dry_run = false;
    Format format = Format::text;
};

// Each command runs to its end, prints its result on standard output and its troubles on standard error.
ExitCode embed_command(const Target&, const EmbedOptions&);
ExitCode tokenize_command(const Target&, const TokenizeOptions&);
ExitCode status_command(const Target&, Format);
ExitCode info_command(const Target&, Format);
ExitCode health_command(const Target&, Format);
ExitCode wait_ready_command(const Target&);
ExitCode warm_ups_command(const Target&, const WarmUpsOptions&);
ExitCode rewarm_command(const Target&, const RewarmOptions&);
ExitCode metrics_command(const Target&);
ExitCode reload_command(const Target&, ipc::ReloadRequest);
ExitCode drain_command(const Target&);
ExitCode resume_command(const Target&);
ExitCode restart_replica_command(const Target&, const ipc::RestartReplicaRequest&);

// Asks, and prints that member of the answer as the daemon sent it; the whole answer where it has none.
ExitCode print_answer(const Target&, ipc::Operation, const char* member);

} // namespace embedd::console
