#include "tests/fuzz/fuzz_target.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr int mutants_of_each = 2000;

void run(const Bytes& bytes)
{
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

// A few places changed, cut out or repeated: the same ones in every run.
Bytes mutated(Bytes bytes, std::mt19937& random)
{
    const auto place = [&] { return static_cast<std::ptrdiff_t>(random() % bytes.size()); };
    for (auto changes = 1 + random() % 4; changes > 0 && !bytes.empty(); --changes) {
        const auto at = bytes.begin() + place();
        switch (random() % 4) {
        case 0:
            *at = static_cast<std::uint8_t>(random());
            break;
        case 1:
            *at = static_cast<std::uint8_t>(*at ^ 1U << random() % 8);
            break;
        case 2:
            bytes.erase(at);
            break;
        case 3:
            bytes.insert(at, static_cast<std::uint8_t>(random()));
            break;
        }
    }
    return bytes;
}

} // namespace

// replay DIRECTORY: each file of a corpus and mutants of it through the fuzz target, for compilers without
// libFuzzer.
int main(int argc, char** argv)
{
    if (argc != 2)
        return 2;
    std::size_t replayed = 0;
    for (const auto& entry : std::filesystem::directory_iterator{argv[1]}) {
        std::ifstream file{entry.path(), std::ios::binary};
        const Bytes bytes{std::istreambuf_iterator<char>{file}, {}};
        run(bytes);
        std::mt19937 random{1};
        for (int mutant = 0; mutant < mutants_of_each; ++mutant)
            run(mutated(bytes, random));
        ++replayed;
    }
    std::printf("%zu inputs replayed, each with %d mutants\n", replayed, mutants_of_each);
    return replayed == 0;
}
