#pragma once

#include "daemon/failure.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>

namespace embedd::daemon {

// Lets embedd-tokenizer-proof load a tokenizer.json and encode probes in a process of its own, under rlimits
// and this deadline: a Rust call cannot be cancelled, and a hostile file must not hang or end the daemon. A
// refusal is ExitCode::configuration with the proof's own line.
[[nodiscard]] boost::asio::awaitable<Result<void>> prove_tokenizer(boost::asio::any_io_executor,
                                                                   std::filesystem::path proof_program,
                                                                   std::filesystem::path tokenizer_json,
                                                                   std::chrono::milliseconds deadline);

} // namespace embedd::daemon
