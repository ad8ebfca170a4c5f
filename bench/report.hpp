#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace embedd::bench {

// Rows of one kind of measurement: drawn as a table for people, or written as JSON for programs. A cell is a
// JSON value; numbers are shown with three significant digits, null as "–", text of others is made printable.
[[nodiscard]] std::string table(const std::vector<std::string>& columns, const nlohmann::json& rows);

} // namespace embedd::bench
