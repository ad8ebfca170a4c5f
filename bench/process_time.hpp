#pragma once

#include <sys/types.h>

#include <chrono>

namespace embedd::bench {

// What all threads of a process have used of processors so far, to the nanosecond. Throws std::system_error
// where there is no such process.
[[nodiscard]] std::chrono::nanoseconds processor_time_of(pid_t pid);

} // namespace embedd::bench
