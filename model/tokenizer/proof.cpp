// embedd-tokenizer-proof FILE MAX_ID_EXCLUSIVE
//
// Loads a tokenizer.json and encodes what is known to upset tokenizers, within limits of time and memory.
// The daemon runs it before it loads the same file itself: a call into the tokenizer cannot be cancelled,
// and the daemon must not hang. Exit status 0: proved; 78: the file is at
// fault, and the last line on stderr says how.

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
constexpr unsigned time_limit_s = 10;
[[maybe_unused]] constexpr ::rlim_t memory_limit = ::rlim_t{2} << 30;

void say_and_exit(int signal)
{
    constexpr std::string_view overran = "the tokenizer was busy with the file for more than 10 s\n";
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

void limit_ourselves()
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // these reserve terabytes
    limit(RLIMIT_AS, memory_limit, memory_limit);
#endif
    limit(RLIMIT_CPU, time_limit_s, time_limit_s + 1);
    limit(RLIMIT_CORE, 0, 0);
    for (const int signal : {SIGALRM, SIGXCPU, SIGABRT})
        std::signal(signal, say_and_exit);
    // Processor time stands still while a file on a dead mount is read.
    ::alarm(time_limit_s);
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
        std::printf("ok largest_id=%u\n", prove(argv[1], max_id_exclusive));
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
        return exit_fault;
    }
}
