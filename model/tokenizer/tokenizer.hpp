#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::tokenizer {

enum class Errc : std::uint8_t {
    file_refused,  // missing, unreadable, too large or not a tokenizer: the operator's to fix
    text_not_utf8, // the client's to fix; Failure::offset says where
    limit_too_low, // fewer tokens allowed than the special tokens alone need
    failed,        // the tokenizer could not do it, or gave up on a bug of its own
};

struct Failure {
    Errc code;
    std::string detail;     // one line of valid UTF-8
    std::size_t offset = 0; // text_not_utf8: index of the first byte that is not UTF-8
};

template <class T>
using Result = boost::system::result<T, Failure>;

enum class TruncationDirection : std::uint8_t { left, right }; // the side on which tokens are dropped
enum class Special : std::uint8_t { add, skip };

struct Token {
    std::uint32_t id;
    std::uint32_t begin, end; // bytes of the text given; both 0 for what was added around it
    bool special;
};

struct Encoding {
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> type_ids; // empty when all are zero
    bool truncated;
};

// What one tokenizer.json says, without the truncation and padding baked into it: limits are given per call.
//
// Immutable after load: any number of threads may use one at once. Copies share it.
// Loading and encoding cannot be cancelled, and a hostile file can make either spin: prove a file
// with embedd-tokenizer-proof before loading it into a process that must not hang.
class Tokenizer {
public:
    static constexpr std::size_t max_file_bytes = std::size_t{64} << 20;

    // A failure says what is wrong with the file, not which file it was.
    [[nodiscard]] static Result<Tokenizer> load(const std::filesystem::path& tokenizer_json);

    // max_tokens counts the special tokens, which are kept: what is dropped are tokens of the text.
    [[nodiscard]] Result<Encoding> encode(std::string_view text, std::size_t max_tokens, TruncationDirection,
                                          Special) const;

    // Tokens are dropped from the longer of the two until both fit (longest_first).
    [[nodiscard]] Result<Encoding> encode_pair(std::string_view first, std::string_view second,
                                               std::size_t max_tokens, TruncationDirection, Special) const;

    [[nodiscard]] Result<std::vector<Token>> tokenize(std::string_view text, Special) const;

    // Special::skip leaves special tokens out of the text. An unknown id decodes to nothing.
    [[nodiscard]] Result<std::string> decode(std::span<const std::int32_t> ids, Special) const;

    // As the vocabulary spells it, e.g. "##ing".
    [[nodiscard]] std::optional<std::string> token_text(std::uint32_t id) const;

    // Added tokens included: must be below the rows of the model's embedding table.
    [[nodiscard]] std::uint32_t largest_id() const;

private:
    struct Handle;
    explicit Tokenizer(std::shared_ptr<const Handle> handle);

    std::shared_ptr<const Handle> handle_;
};

} // namespace embedd::tokenizer
