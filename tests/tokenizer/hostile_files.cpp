#include "tests/tokenizer/hostile_files.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace embedd::tokenizer {

ScratchDirectory::ScratchDirectory()
{
    char name[] = "/tmp/embedd-XXXXXX";
    if (::mkdtemp(name) == nullptr)
        throw std::system_error(errno, std::generic_category(), "mkdtemp");
    path_ = name;
}

ScratchDirectory::~ScratchDirectory()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path ScratchDirectory::file(std::string_view content) const
{
    const auto path = path_ / "tokenizer.json";
    std::ofstream(path, std::ios::binary) << content;
    return path;
}

std::string two_words_with(std::string_view member)
{
    return R"({"version": "1.0", "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1}, )"
           R"("unk_token": "[UNK]"}, )" +
           std::string(member) + "}";
}

std::string spinning_json()
{
    return two_words_with(R"("pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?=(a+)+$)z"}, )"
                          R"("behavior": "Isolated", "invert": false})");
}

std::string hoarding_json()
{
    return two_words_with(R"("normalizer": {"type": "Precompiled", "precompiled_charsmap": )"
                          R"("/////////////////////////////////////////////////////w=="})");
}

} // namespace embedd::tokenizer
