#pragma once

#include "console/screen/update.hpp"
#include "ipc/subscription.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace embedd::console {

// What the stream brought, and when by the console's clock: a message of the daemon, or why it ended.
struct Recorded {
    struct Lost {
        std::string why;
        friend bool operator==(const Lost&, const Lost&) = default;
    };

    std::uint64_t at_us = 0;
    std::string wall_time; // "14:06:31"
    std::variant<ipc::SubscribeEvent, Lost> what;

    friend bool operator==(const Recorded&, const Recorded&) = default;
};

// A line of NDJSON, and back.
[[nodiscard]] std::string to_line(const Recorded&);
[[nodiscard]] ipc::Result<Recorded> recorded_of(std::string_view line);

// Writes what it is given to a file of its own, which must not exist yet. Throws std::runtime_error where it
// cannot.
class Recorder {
public:
    explicit Recorder(const std::filesystem::path& file);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    // What was kept before one that it throws of can be played back. It keeps none after that.
    void keep(const Recorded&);

private:
    std::filesystem::path path_;
    int file_;
    std::int64_t whole_bytes_ = 0;
};

// A recording from its beginning. Throws std::runtime_error that names the line that cannot be read.
class Recording {
public:
    static constexpr std::size_t longest_line = 16 << 20;

    explicit Recording(const std::filesystem::path& file);
    [[nodiscard]] std::optional<Recorded> next(); // nothing at its end

private:
    std::filesystem::path file_;
    std::ifstream lines_;
    std::size_t number_ = 0;
};

// As the screen hears of it.
[[nodiscard]] screen::Event event_of(Recorded, std::uint64_t now_us);

} // namespace embedd::console
