#include "model/tokenizer/tokenizer.hpp"

#include "model/tokenizer/ffi.hpp"
#include "model/tokenizer/whole_file.hpp"

#include <algorithm>
#include <utility>

namespace embedd::tokenizer {
namespace {

void release(ffi::Array<char> bytes)
{
    ffi::embedd_tokenizer_release_bytes(bytes);
}

void release(ffi::Array<std::int32_t> words)
{
    ffi::embedd_tokenizer_release_words(words);
}

void release(ffi::Array<ffi::Token> tokens)
{
    ffi::embedd_tokenizer_release_tokens(tokens);
}

// An array that Rust allocated, until it is copied into a container of ours.
template <class T>
class Handed {
public:
    explicit Handed(ffi::Array<T> array) : array_(array) {}
    ~Handed() { release(array_); }
    Handed(const Handed&) = delete;
    Handed& operator=(const Handed&) = delete;

    const T* begin() const { return array_.data; }
    const T* end() const { return array_.data + array_.len; }

private:
    ffi::Array<T> array_;
};

std::string as_string(ffi::Array<char> array)
{
    const Handed bytes(array);
    return {bytes.begin(), bytes.end()};
}

ffi::View view(std::string_view text)
{
    return {text.data(), text.size()};
}

Errc code_of(ffi::Status status)
{
    switch (status) {
    case ffi::Status::file_refused:
        return Errc::file_refused;
    case ffi::Status::text_not_utf8:
        return Errc::text_not_utf8;
    case ffi::Status::limit_too_low:
        return Errc::limit_too_low;
    case ffi::Status::ok:
    case ffi::Status::failed:
        break;
    }
    return Errc::failed;
}

bool succeeded(const ffi::Outcome& outcome)
{
    return outcome.status == ffi::Status::ok;
}

// Consumes the outcome, whatever it was.
Failure failure_of(const ffi::Outcome& outcome)
{
    return {code_of(outcome.status), as_string(outcome.detail), outcome.offset};
}

ffi::Direction direction_of(TruncationDirection direction)
{
    return direction == TruncationDirection::left ? ffi::Direction::left : ffi::Direction::right;
}

} // namespace

struct Tokenizer::Handle {
    ffi::Loaded* loaded = nullptr;

    Handle() = default;
    ~Handle()
    {
        if (loaded != nullptr)
            ffi::embedd_tokenizer_release(loaded);
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    Result<Encoding> encode(std::string_view first, const ffi::View* second, std::size_t max_tokens,
                            TruncationDirection direction, Special special) const
    {
        ffi::Encoding out{};
        const ffi::Outcome outcome = ffi::embedd_tokenizer_encode(
            loaded, view(first), second, max_tokens, direction_of(direction), special == Special::add, &out);
        if (!succeeded(outcome))
            return failure_of(outcome);
        release(outcome.detail);
        const Handed ids(out.ids), type_ids(out.type_ids);
        return Encoding{{ids.begin(), ids.end()}, {type_ids.begin(), type_ids.end()}, out.truncated};
    }
};

Tokenizer::Tokenizer(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}

Result<Tokenizer> Tokenizer::load(const std::filesystem::path& tokenizer_json)
{
    const auto json = read_whole_file(tokenizer_json, max_file_bytes);
    if (!json)
        return json.error();

    auto handle = std::make_shared<Handle>();
    const ffi::Outcome outcome = ffi::embedd_tokenizer_load(view(*json), &handle->loaded);
    if (!succeeded(outcome)) {
        Failure failure = failure_of(outcome);
        // Whatever goes wrong in here is the file's fault, a panic too.
        return Failure{Errc::file_refused, std::move(failure.detail)};
    }
    release(outcome.detail);
    return Tokenizer(std::move(handle));
}

Result<Encoding> Tokenizer::encode(std::string_view text, std::size_t max_tokens,
                                   TruncationDirection direction, Special special) const
{
    return handle_->encode(text, nullptr, max_tokens, direction, special);
}

Result<Encoding> Tokenizer::encode_pair(std::string_view first, std::string_view second,
                                        std::size_t max_tokens, TruncationDirection direction,
                                        Special special) const
{
    const ffi::View other = view(second);
    return handle_->encode(first, &other, max_tokens, direction, special);
}

Result<std::vector<Token>> Tokenizer::tokenize(std::string_view text, Special special) const
{
    ffi::Array<ffi::Token> out{};
    const ffi::Outcome outcome =
        ffi::embedd_tokenizer_tokenize(handle_->loaded, view(text), special == Special::add, &out);
    if (!succeeded(outcome))
        return failure_of(outcome);
    release(outcome.detail);
    const Handed handed(out);
    std::vector<Token> tokens;
    std::transform(handed.begin(), handed.end(), std::back_inserter(tokens), [](const ffi::Token& token) {
        return Token{token.id, token.begin, token.end, token.special};
    });
    return tokens;
}

Result<std::string> Tokenizer::decode(std::span<const std::int32_t> ids, Special special) const
{
    ffi::Array<char> out{};
    const ffi::Outcome outcome =
        ffi::embedd_tokenizer_decode(handle_->loaded, ids.data(), ids.size(), special == Special::skip, &out);
    if (!succeeded(outcome))
        return failure_of(outcome);
    release(outcome.detail);
    return as_string(out);
}

std::optional<std::string> Tokenizer::token_text(std::uint32_t id) const
{
    ffi::Array<char> out{};
    const ffi::Outcome outcome = ffi::embedd_tokenizer_token_text(handle_->loaded, id, &out);
    release(outcome.detail);
    return succeeded(outcome) ? std::optional(as_string(out)) : std::nullopt;
}

std::uint32_t Tokenizer::largest_id() const
{
    return ffi::embedd_tokenizer_largest_id(handle_->loaded);
}

} // namespace embedd::tokenizer
