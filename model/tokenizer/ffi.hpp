#pragma once

#include <cstddef>
#include <cstdint>

// The C ABI of ffi/src/lib.rs, field by field: change both or neither. Nothing here throws or unwinds.
// An array handed out is the caller's to release, whether empty or not.
namespace embedd::tokenizer::ffi {

struct Loaded;

template <class T>
struct Array {
    T* data;
    std::size_t len;
};

struct View {
    const char* data;
    std::size_t len;
};

enum class Status : std::uint8_t { ok, file_refused, text_not_utf8, limit_too_low, failed };

struct Outcome {
    Status status;
    std::size_t offset;
    Array<char> detail;
};

enum class Direction : std::uint8_t { left, right };

struct Token {
    std::uint32_t id, begin, end;
    bool special;
};

struct Encoding {
    Array<std::int32_t> ids;
    Array<std::int32_t> type_ids;
    bool truncated;
};

extern "C" {
Outcome embedd_tokenizer_load(View json, Loaded** out) noexcept;
void embedd_tokenizer_release(Loaded*) noexcept;

// second is null for a single text. So below: out is written when the status is ok, else left alone.
Outcome embedd_tokenizer_encode(const Loaded*, View first, const View* second, std::size_t max_tokens,
                                Direction, bool add_special, Encoding* out) noexcept;
Outcome embedd_tokenizer_tokenize(const Loaded*, View text, bool add_special, Array<Token>* out) noexcept;
Outcome embedd_tokenizer_decode(const Loaded*, const std::int32_t* ids, std::size_t len, bool skip_special,
                                Array<char>* out) noexcept;
Outcome embedd_tokenizer_token_text(const Loaded*, std::uint32_t id, Array<char>* out) noexcept;
std::uint32_t embedd_tokenizer_largest_id(const Loaded*) noexcept;

void embedd_tokenizer_release_bytes(Array<char>) noexcept;
void embedd_tokenizer_release_words(Array<std::int32_t>) noexcept;
void embedd_tokenizer_release_tokens(Array<Token>) noexcept;
}

} // namespace embedd::tokenizer::ffi
