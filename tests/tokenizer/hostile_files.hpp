#pragma once

#include <filesystem>
#include <string>
#include <string_view>

// tokenizer.json files that mean harm, or look like it.
namespace embedd::tokenizer {

// A directory of its own, gone with everything in it at the end of the scope.
class ScratchDirectory {
public:
    ScratchDirectory();
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path file(std::string_view content) const;

private:
    std::filesystem::path path_;
};

// A tokenizer of two words, "[UNK]" and "a", with one top-level member more, e.g. R"("padding": null)".
std::string two_words_with(std::string_view member);

// Never ends: the engine tries every way to split each run of "a", at each place, within its own limit.
std::string spinning_json();

// The length in the character map's header asks for 8 GiB.
std::string hoarding_json();

} // namespace embedd::tokenizer
