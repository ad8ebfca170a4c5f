#pragma once

#include <string>

namespace embedd::daemon {

// Now, as RFC 3339 writes it: 2026-11-21T08:00:00Z.
[[nodiscard]] std::string utc_now();

} // namespace embedd::daemon
