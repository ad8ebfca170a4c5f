#pragma once

#include "ipc/frame.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace embedd::daemon {

// A client without manners: sends any bytes, and sees what comes back.
class RawClient {
public:
    explicit RawClient(const std::filesystem::path& socket);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool send(std::string_view bytes) const; // false: the daemon closed
    bool send_frame(std::string_view header) const;
    void end_sending() const;

    void take_a_byte() const; // if there is one

    // The next answer's header; nothing when the daemon closed instead.
    [[nodiscard]] std::optional<nlohmann::json> answer();
    [[nodiscard]] std::string everything(); // raw bytes until the daemon closes
    [[nodiscard]] bool closed() { return !answer(); }

private:
    [[nodiscard]] std::string receive() const; // empty: closed

    int socket_ = -1;
    ipc::FrameDecoder decoder_{{.header_bytes = 64U << 20, .payload_bytes = 64U << 20}};
};

} // namespace embedd::daemon
