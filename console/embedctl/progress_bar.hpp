#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace embedd::console {

// "[=====>    ]  52 %  1,024 texts, 310/s, about 3.1 s left"; without a total only the count and the rate.
[[nodiscard]] std::string progress_line(std::uint64_t done, std::optional<std::uint64_t> total,
                                        std::uint64_t texts, std::chrono::steady_clock::duration elapsed);

// Redraws that line on standard error, where it is a terminal, a few times a second; wiped at the end.
class ProgressBar {
public:
    ProgressBar();
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void update(std::uint64_t done, std::optional<std::uint64_t> total, std::uint64_t texts);

private:
    const bool terminal_;
    const std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point drawn_;
    bool visible_ = false;
};

} // namespace embedd::console
