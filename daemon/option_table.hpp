#pragma once

#include "daemon/options.hpp"

#include <span>
#include <string>
#include <string_view>

namespace embedd::daemon {

// One thing an operator may set. Its environment name and its key in the configuration file follow from the
// flag: --max-clients, EMBEDD_MAX_CLIENTS, max_clients.
struct Option {
    std::string_view flag;    // without the dashes
    std::string_view section; // of help and man page
    std::string_view value;   // what help shows for it: "DIR", "N"
    std::string_view fallback;
    std::string_view help;
    // Sets it, or says what is allowed instead: "is not <allowed>" ends the error. Empty: it was set.
    std::string (*set)(Options&, const std::string& text);
};

[[nodiscard]] std::span<const Option> option_table();

// The option of that flag, "_" read as "-"; nullptr: there is none.
[[nodiscard]] const Option* find_option(std::string_view flag);

// The flag that was probably meant; empty when none is near.
[[nodiscard]] std::string_view nearest_flag(std::string_view flag);

[[nodiscard]] std::string environment_name(const Option&);
[[nodiscard]] std::string file_key(const Option&);

} // namespace embedd::daemon
