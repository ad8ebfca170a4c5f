#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace embedd::bench {

// What the texts of a run look like: search queries, documents of every size, or passages at the model's
// limit.
enum class TextKind : std::uint8_t { short_, mixed, long_ };

[[nodiscard]] std::optional<TextKind> text_kind_from(std::string_view name) noexcept;

// English texts, no two alike, the same for the same seed. About 12 tokens when short, 12 to 250 when mixed,
// 200 to 256 when long; or about as many words as asked.
class Texts {
public:
    Texts(TextKind kind, std::uint64_t seed) : kind_(kind), random_(seed) {}
    Texts(std::size_t words, std::uint64_t seed) : kind_(TextKind::mixed), words_(words), random_(seed) {}

    // Each exactly so long for BERT's tokenizer of lower-case English, [CLS] and [SEP] counted: words that
    // are one token, in no order. At least 3.
    [[nodiscard]] static Texts of_tokens(std::size_t tokens, std::uint64_t seed);

    [[nodiscard]] std::string next();

private:
    [[nodiscard]] std::size_t draw_words();
    [[nodiscard]] std::string single_tokens(std::size_t words);

    TextKind kind_;
    std::optional<std::size_t> words_;
    bool single_tokens_ = false;
    std::mt19937_64 random_;
};

} // namespace embedd::bench
