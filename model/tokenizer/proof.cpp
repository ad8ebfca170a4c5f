// embedd-tokenizer-proof FILE MAX_ID_EXCLUSIVE [SECONDS]
//
// Loads a tokenizer.json and encodes what is known to upset tokenizers, within limits of time and memory.
// The daemon runs it before it loads the same file itself: a call into the tokenizer cannot be cancelled, and
// the daemon must not hang. Exit status 0: proved; 78: the file is at fault, and the last line on stderr says
// how; 2: usage.

#include "model/tokenizer/tokenizer.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

namespace {

using namespace embedd::tokenizer;

constexpr int exit_usage = 2;
constexpr int exit_fault = 78;
constexpr std::uint32_t default_seconds = 10;
[[maybe_unused]] constexpr ::rlim_t memory_limit = ::rlim_t{2} << 30;

void say_and_exit(int signal)
{
    constexpr std::string_view overran = "the tokenizer was still busy with the file when its time was up\n";
    constexpr std::string_view aborted = "the file made the tokenizer abort, or need more than 2 GiB\n";
    const std::string_view line = signal == SIGABRT ? aborted : overran;
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    ::_exit(exit_fault);
}

void limit(int resource, ::rlim_t soft, ::rlim_t hard)
{
    const ::rlimit both{soft, hard};
    ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

void limit_ourselves(std::uint32_t seconds)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // these reserve terabytes
    limit(RLIMIT_AS, memory_limit, memory_limit);
#endif
    limit(RLIMIT_CPU, seconds, ::rlim_t{seconds} + 1);
    limit(RLIMIT_CORE, 0, 0);
    for (const int signal : {SIGALRM, SIGXCPU, SIGABRT})
        std::signal(signal, say_and_exit);
    // Processor time stands still while a file on a dead mount is read.
    ::alarm(seconds);
    // Rust says more than a line when memory runs out, but not pages.
    ::setenv("RUST_BACKTRACE", "0", 1);
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

template <class T>
void expect(const Result<T>& result)
{
    if (!result)
        throw std::runtime_error(result.error().detail);
}

std::uint32_t prove(const char* file, std::uint32_t max_id_exclusive)
{
    const auto loaded = Tokenizer::load(file);
    expect(loaded);
    const Tokenizer& tokenizer = *loaded;
    const auto largest = tokenizer.largest_id();
    if (max_id_exclusive != 0 && largest >= max_id_exclusive) {
        throw std::runtime_error("its largest id " + std::to_string(largest) + " is not below " +
                                 std::to_string(max_id_exclusive) + ", the rows of the embedding table");
    }
    for (const std::string& probe : probes()) {
        const auto encoding = tokenizer.encode(probe, 512, TruncationDirection::right, Special::add);
        expect(encoding);
        expect(tokenizer.encode_pair("a", probe, 512, TruncationDirection::left, Special::add));
        expect(tokenizer.tokenize(probe, Special::add));
        expect(tokenizer.decode(encoding->ids, Special::skip));
    }
    return largest;
}

bool parse(std::string_view text, std::uint32_t& number)
{
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end;
}

} // namespace

int main(int argc, char** argv)
{
    std::uint32_t max_id_exclusive = 0;
    std::uint32_t seconds = default_seconds;
    const bool understood = (argc == 3 || argc == 4) && parse(argv[2], max_id_exclusive) &&
                            (argc == 3 || parse(argv[3], seconds)) && seconds > 0;
    if (!understood) {
        std::fputs("usage: embedd-tokenizer-proof FILE MAX_ID_EXCLUSIVE|0 [SECONDS]\n", stderr);
        return exit_usage;
    }

    limit_ourselves(seconds);
    try {
        std::printf("ok largest_id=%u\n", prove(argv[1], max_id_exclusive));
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
        return exit_fault;
    }
}
