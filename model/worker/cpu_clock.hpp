#pragma once

#include <cstdint>

namespace embedd::model {

// CPU time of the calling thread in µs: what a batch costs, whoever else wants the core.
[[nodiscard]] std::uint64_t thread_cpu_us();

} // namespace embedd::model
