#pragma once

#include "daemon/descriptor.hpp"
#include "daemon/failure.hpp"

#include <filesystem>
#include <optional>

namespace embedd::daemon {

struct PassedSocket {
    Descriptor descriptor; // listening, non-blocking, closed on exec
    std::filesystem::path path;
};

// The socket that systemd passed to this process (sd_listen_fds(3)), if it did: of several the one named
// "embedd" or "embedd.socket". What was passed and is no listening Unix stream socket is an error that says
// what it is. Takes LISTEN_* out of the environment.
[[nodiscard]] Result<std::optional<PassedSocket>> take_passed_socket();

} // namespace embedd::daemon
