// embedd-tokenizer-proof FILE MAX_ID_EXCLUSIVE
//
// Loads a tokenizer.json and encodes what is known to upset tokenizers, within limits of time and memory.
// The daemon runs it before it loads the same file itself: a call into the tokenizer cannot be cancelled,
// and the daemon must not hang. Exit status 0: proved; 78: the file is at fault; a signal: it overran.

#include "model/tokenizer/tokenizer.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

using namespace embedd::tokenizer;

constexpr int exit_usage = 2;
constexpr int exit_fault = 78;
constexpr unsigned time_limit_s = 10;
[[maybe_unused]] constexpr ::rlim_t memory_limit = ::rlim_t{2} << 30;

void limit(int resource, ::rlim_t value)
{
    const ::rlimit both{value, value};
    ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

void limit_ourselves()
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // these reserve terabytes
    limit(RLIMIT_AS, memory_limit);
#endif
    limit(RLIMIT_CPU, time_limit_s);
    limit(RLIMIT_CORE, 0);
    // Processor time stands still while a file on a dead mount is read.
    ::alarm(time_limit_s);
}

std::string repeated(std::string_view unit, std::size_t times)
{
    std::string text;
    for (; times > 0; --times)
        text += unit;
    return text;
}

std::vector<std::string> probes()
{
    return {
        "",
        "a",
        "The quick brown fox, 42 times: it's \"done\"!",
        repeated("a", 100'000),
        repeated("a", 40) + "!",
        repeated("a", 40) + " " + repeated("0", 40) + "b",
        repeated(" ", 10'000),
        repeated("^", 10'000),
        "\t\r\n\v\f \u00a0\u2028\u3000",
        std::string("\0\x01\x1b\x7f", 4) + "\u0085\ufeff\ufffe\uffff",
        "\u6f22\u5b57\u304b\u306a\ud55c\uae00 \u4e2d\u6587",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f600",
        "e" + repeated("\u0301", 1'000),
        "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u202e\u05e2\u05d1",
        "[CLS] <s> </s> [MASK] <mask> <|endoftext|>",
    };
}

Result<std::uint32_t> prove(const char* file, std::uint32_t max_id_exclusive)
{
    const auto tokenizer = Tokenizer::load(file);
    if (!tokenizer)
        return tokenizer.error();
    const auto largest = tokenizer->largest_id();
    if (max_id_exclusive != 0 && largest >= max_id_exclusive) {
        return Failure{Errc::file_refused, std::string(file) + ": its largest id " + std::to_string(largest) +
                                               " is not below " + std::to_string(max_id_exclusive) +
                                               ", the rows of the embedding table"};
    }
    for (const std::string& probe : probes()) {
        const auto single = tokenizer->encode(probe, 512, TruncationDirection::right, Special::add);
        if (!single)
            return single.error();
        const auto pair = tokenizer->encode_pair("a", probe, 512, TruncationDirection::left, Special::add);
        if (!pair)
            return pair.error();
        const auto tokens = tokenizer->tokenize(probe, Special::add);
        if (!tokens)
            return tokens.error();
        const auto decoded = tokenizer->decode(single->ids, Special::skip);
        if (!decoded)
            return decoded.error();
    }
    return largest;
}

} // namespace

int main(int argc, char** argv)
{
    std::uint32_t max_id_exclusive = 0;
    const std::string_view number = argc == 3 ? argv[2] : "";
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), max_id_exclusive);
    if (number.empty() || parsed.ec != std::errc{} || parsed.ptr != number.data() + number.size()) {
        std::fputs("usage: embedd-tokenizer-proof FILE MAX_ID_EXCLUSIVE (0: any)\n", stderr);
        return exit_usage;
    }

    limit_ourselves();
    try {
        const auto largest = prove(argv[1], max_id_exclusive);
        if (!largest) {
            std::fprintf(stderr, "%s\n", largest.error().detail.c_str());
            return exit_fault;
        }
        std::printf("ok largest_id=%u\n", *largest);
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
        return exit_fault;
    }
}
