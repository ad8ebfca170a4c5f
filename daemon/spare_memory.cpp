#include "daemon/spare_memory.hpp"

#include <malloc.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>

namespace embedd::daemon {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t worth_giving = std::size_t{32} << 20;
constexpr auto pause =
    5s; // what lies in pieces between used ones cannot be given back, however often one tries

// Memory of our own that is in RAM, without the program's files.
std::size_t resident_bytes()
{
    std::size_t size = 0, resident = 0, shared = 0;
    std::ifstream("/proc/self/statm") >> size >> resident >> shared;
    return (resident - shared) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t used_bytes()
{
    const auto heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

} // namespace

SpareMemory::SpareMemory(TextPool& pool) : pool_(pool)
{
    // Naming them keeps the C library from raising them to what the largest request so far had.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

void SpareMemory::give_back(std::chrono::steady_clock::time_point now)
{
    if (giving_ || now < next_ || resident_bytes() < used_bytes() + worth_giving)
        return;
    giving_ = true;
    next_ = now + pause;
    pool_.run([] { ::malloc_trim(0); }, [this] { giving_ = false; });
}

} // namespace embedd::daemon
