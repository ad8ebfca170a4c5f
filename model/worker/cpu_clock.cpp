#include "model/worker/cpu_clock.hpp"

#include <ctime>

namespace embedd::model {

std::uint64_t thread_cpu_us()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

} // namespace embedd::model
