#include "model/worker/process.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>

#include <malloc.h>
#include <sys/prctl.h>

namespace embedd::model {

void die_with_parent()
{
    int signal = 0;
    if (::prctl(PR_GET_PDEATHSIG, &signal) != 0 || signal != SIGKILL)
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void keep_freed_memory()
{
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20); // the most that glibc takes
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

void provide_for_primitives(std::size_t needed)
{
    constexpr const char* variable = "ONEDNN_PRIMITIVE_CACHE_CAPACITY";
    constexpr std::size_t usual = 16384;
    const char* const given = std::getenv(variable);
    if (!given || std::strtoull(given, nullptr, 10) < needed)
        ::setenv(variable, std::to_string(std::max(usual, needed)).c_str(), 1);
}

} // namespace embedd::model
