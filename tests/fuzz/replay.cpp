#include "tests/fuzz/fuzz_target.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

// replay DIRECTORY: each file of a corpus through the fuzz target, for compilers without libFuzzer.
int main(int argc, char** argv)
{
    if (argc != 2)
        return 2;
    std::size_t replayed = 0;
    for (const auto& entry : std::filesystem::directory_iterator{argv[1]}) {
        std::ifstream file{entry.path(), std::ios::binary};
        const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        ++replayed;
    }
    std::printf("%zu inputs replayed\n", replayed);
    return replayed == 0;
}
