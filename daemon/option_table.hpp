#pragma once

#include "daemon/options.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace embedd::daemon {

// One thing the operator may set. Flag, environment variable, key of the file, help and man page are made
// from it.
struct Option {
    std::string_view name;    // "max-clients": --max-clients, EMBEDD_MAX_CLIENTS, "max-clients" in the file
    std::string_view value;   // what --help calls its value
    std::string_view initial; // its default, as --help shows it
    std::string_view help;    // one sentence

    // Takes the text over, or says what would have been allowed.
    std::function<std::optional<std::string>(Options&, const std::string& text)> set;
};

[[nodiscard]] std::span<const Option> option_table();
[[nodiscard]] const Option* find_option(std::string_view name);
[[nodiscard]] std::string environment_name(const Option&);

// The option one may have meant, by edit distance; nothing when none is near.
[[nodiscard]] const Option* nearest_option(std::string_view name);

} // namespace embedd::daemon
