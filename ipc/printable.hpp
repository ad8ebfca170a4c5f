#pragma once

#include <string>
#include <string_view>

namespace embedd::ipc {

// What another program sent, safe to show on a terminal: control characters and bytes that are no UTF-8 are
// shown as \xNN, so that nothing there moves the cursor.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace embedd::ipc
