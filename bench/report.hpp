#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace embedd::bench {

// Rows of one kind of measurement: drawn as a table for people, or written as JSON for programs. A cell is a
// JSON value; numbers are shown with three significant digits, null as "–", text of others is made printable.
[[nodiscard]] std::string table(const std::vector<std::string>& columns, const nlohmann::json& rows);

// Text of others for a terminal: control characters and bytes that are no UTF-8 are shown as \xNN, so that
// nothing there moves the cursor.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace embedd::bench
