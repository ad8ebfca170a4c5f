#include "tests/allocated.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {
std::size_t bytes = 0;
} // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    void* const memory = std::malloc(size);
    bytes += ::malloc_usable_size(memory); // of nothing: 0
    return memory;
}

void* operator new(std::size_t size)
{
    if (void* const memory = operator new(size, std::nothrow))
        return memory;
    throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept
{
    bytes -= ::malloc_usable_size(memory);
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    operator delete(memory);
}

std::size_t embedd::allocated() noexcept
{
    return bytes;
}
