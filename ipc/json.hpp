#pragma once

#include "ipc/error.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace embedd::ipc {

struct JsonLimits {
    std::size_t depth = 16; // nested arrays and objects; the DOM's own destructor and dump() recurse
};

// Strict JSON by a SAX pass: depth bounded, duplicate keys, invalid UTF-8, numbers out of range and trailing
// text refused. The message never carries bytes of the input, only where the fault is.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits = {});

// As parse_json, with // and /* */ comments: for configuration files.
[[nodiscard]] Result<nlohmann::json> parse_json_with_comments(std::string_view text,
                                                              const JsonLimits& limits = {});

// Compact text; bytes that are no UTF-8 become U+FFFD instead of an exception.
[[nodiscard]] std::string dump_json(const nlohmann::json& value);

} // namespace embedd::ipc
