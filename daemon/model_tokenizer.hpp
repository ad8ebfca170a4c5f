#pragma once

#include "daemon/failure.hpp"
#include "daemon/text_pool.hpp"
#include "model/tokenizer/tokenizer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>

namespace embedd::daemon {

// The tokenizer of a model's directory: proven in a process of its own, then loaded on the pool. A fault of
// its file is ExitCode::configuration. The pool must outlive it.
[[nodiscard]] boost::asio::awaitable<Result<tokenizer::Tokenizer>>
load_tokenizer(boost::asio::any_io_executor, TextPool&, std::filesystem::path model);

// Nothing, or that the tokenizer has ids the network has no rows for.
[[nodiscard]] std::optional<Failure> mismatch(const tokenizer::Tokenizer&, std::uint64_t vocabulary,
                                              const std::filesystem::path& model);

} // namespace embedd::daemon
