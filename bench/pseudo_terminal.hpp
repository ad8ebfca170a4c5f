#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>

namespace embedd::bench {

// A terminal of 140 columns and 45 rows for one program. What the program writes is counted and thrown away,
// on a thread of its own, or nobody ever reads it.
class PseudoTerminal {
public:
    enum class Reader : std::uint8_t { reads, sleeps };

    explicit PseudoTerminal(Reader); // throws std::system_error
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    [[nodiscard]] int program_end() const noexcept { return program_end_.number; } // stays ours to close

    struct Written {
        std::uint64_t bytes = 0;
        std::chrono::microseconds longest_silence{}; // the one that goes on among them
    };
    void count_anew();
    [[nodiscard]] Written written() const; // since then

private:
    struct Descriptor {
        explicit Descriptor(int opened); // throws where it was not
        ~Descriptor();
        Descriptor(const Descriptor&) = delete;
        Descriptor& operator=(const Descriptor&) = delete;

        const int number;
    };

    void read(const std::stop_token&);

    Descriptor our_end_;
    Descriptor program_end_;
    mutable std::mutex mutex_; // for what follows
    std::uint64_t bytes_ = 0;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::duration longest_{};
    std::jthread thread_; // last: it uses the others
};

} // namespace embedd::bench
