#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// What libFuzzer and the replay call with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace embedd::fuzz {

// A promise that holds for every input. Ends the process, which is what libFuzzer looks for.
inline void promise(bool kept)
{
    if (!kept)
        std::abort();
}

} // namespace embedd::fuzz
