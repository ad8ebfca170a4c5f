#pragma once

#include "model/tokenizer/tokenizer.hpp"

namespace embedd::tokenizer {

// A regular file of at most max_bytes; never waits on a FIFO or a device.
[[nodiscard]] Result<std::string> read_whole_file(const std::filesystem::path&, std::size_t max_bytes);

} // namespace embedd::tokenizer
