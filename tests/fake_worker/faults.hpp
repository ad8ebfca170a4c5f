#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

namespace embedd::fake {

// The files of the directory $EMBEDD_FAKE_CONTROL, each a fault while it exists (README.md here lists them).
// Without the variable there is none.
class Faults {
public:
    [[nodiscard]] static Faults from_environment();

    [[nodiscard]] bool has(std::string_view name) const;

    // As has, and the file is gone: of several workers exactly one acts on it.
    [[nodiscard]] bool take(std::string_view name) const;

    // N of the file "oom-above-N".
    [[nodiscard]] std::optional<std::uint64_t> memory_ends_above() const;

    // Whether one of the ids is poison: there is a file "poison-ID".
    [[nodiscard]] bool poisoned(std::span<const std::int32_t> ids) const;

    // Appends a line to the file of this name, if there is one.
    void log(std::string_view file, std::string_view line) const;

private:
    std::filesystem::path directory_;
};

} // namespace embedd::fake
