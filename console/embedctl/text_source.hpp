#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace embedd::console {

// The texts to embed, one after the other: the arguments, or the lines of a file or of standard input. Lines
// end with LF or CRLF; an empty line is a text too. A line longer than the daemon takes ends the reading with
// an error.
class TextSource {
public:
    static constexpr std::size_t longest_line = 1 << 20;

    explicit TextSource(std::vector<std::string> texts);

    // "-" is standard input. Nothing when the file cannot be opened; errno says why.
    [[nodiscard]] static std::optional<TextSource> open(const std::string& path);

    [[nodiscard]] std::optional<std::string> next();

    [[nodiscard]] const std::string& error() const noexcept
    {
        return error_;
    } // why next() ended early; empty: it did not
    [[nodiscard]] std::uint64_t consumed() const noexcept
    {
        return consumed_;
    } // bytes, or texts given as arguments
    [[nodiscard]] std::optional<std::uint64_t> total() const noexcept { return total_; }

private:
    struct Close {
        void operator()(std::FILE* file) const noexcept;
    };

    TextSource() = default;

    std::vector<std::string> texts_;
    std::unique_ptr<std::FILE, Close> file_;
    std::string error_;
    std::uint64_t consumed_ = 0;
    std::uint64_t lines_ = 0;
    std::optional<std::uint64_t> total_;
};

} // namespace embedd::console
