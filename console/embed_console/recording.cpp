#include "console/embed_console/recording.hpp"

#include "ipc/json.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace embedd::console {

namespace {

// A message's own depth, and the line around it.
constexpr ipc::JsonLimits line_limits{.depth = 17};

ipc::Error not_recorded(const char* what)
{
    return {ipc::ErrorType::bad_request, what, {}};
}

// False where not all of it could be written: errno says why.
bool write_all(int file, std::string_view text)
{
    while (!text.empty()) {
        const auto wrote = ::write(file, text.data(), text.size());
        if (wrote < 0 && errno != EINTR)
            return false;
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(wrote, 0)));
    }
    return true;
}

} // namespace

std::string to_line(const Recorded& recorded)
{
    auto line = "{\"at_us\":" + std::to_string(recorded.at_us) +
                ",\"at\":" + ipc::dump_json(nlohmann::json(recorded.wall_time));
    if (const auto* lost = std::get_if<Recorded::Lost>(&recorded.what))
        line += ",\"lost\":" + ipc::dump_json(nlohmann::json(lost->why));
    else
        line += ",\"message\":" + to_header(ipc::Id{}, std::get<ipc::SubscribeEvent>(recorded.what));
    return line + '}';
}

ipc::Result<Recorded> recorded_of(std::string_view line)
{
    const auto read = ipc::parse_json(line, line_limits);
    if (!read)
        return read.error();
    const auto& object = *read;
    const auto text = [&](const char* name) { return object.contains(name) && object[name].is_string(); };
    if (!object.is_object() || !object.contains("at_us") || !object["at_us"].is_number_unsigned() ||
        !text("at"))
        return not_recorded("no line of a recording: at_us and at are missing");
    Recorded recorded{.at_us = object["at_us"], .wall_time = object["at"], .what = {}};
    if (text("lost")) {
        recorded.what = Recorded::Lost{object["lost"]};
        return recorded;
    }
    if (!object.contains("message"))
        return not_recorded("no line of a recording: neither message nor lost");
    auto event = ipc::parse_subscribe_event(ipc::dump_json(object["message"]));
    if (!event)
        return event.error();
    recorded.what = *std::move(event);
    return recorded;
}

Recorder::Recorder(const std::filesystem::path& file)
    // A status may tell of other users' processes: the file is for its owner.
    : path_(file), file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600))
{
    if (file_ < 0)
        throw std::runtime_error("cannot record in " + file.string() + ": " + std::strerror(errno));
}

Recorder::~Recorder()
{
    ::close(file_);
}

void Recorder::keep(const Recorded& recorded)
{
    const auto line = to_line(recorded) + '\n';
    if (write_all(file_, line)) {
        whole_bytes_ += static_cast<std::int64_t>(line.size());
        return;
    }
    const std::string why = std::strerror(errno);
    const bool whole = ::ftruncate(file_, whole_bytes_) == 0;
    throw std::runtime_error("the recording ended: " + why + "; " + path_.string() +
                             (whole ? " is whole until here" : " has part of a line at its end"));
}

Recording::Recording(const std::filesystem::path& file) : file_(file), lines_(file)
{
    if (!lines_)
        throw std::runtime_error("cannot read " + file.string() + ": " + std::strerror(errno));
}

std::optional<Recorded> Recording::next()
{
    std::string line;
    int byte = lines_.get();
    if (byte == std::char_traits<char>::eof())
        return std::nullopt;
    for (; byte != std::char_traits<char>::eof() && byte != '\n'; byte = lines_.get()) {
        if (line.size() == longest_line)
            break;
        line += static_cast<char>(byte);
    }
    ++number_;
    auto recorded = recorded_of(line);
    if (!recorded)
        throw std::runtime_error(file_.string() + ", line " + std::to_string(number_) + ": " +
                                 recorded.error().message);
    return *std::move(recorded);
}

screen::Event event_of(Recorded recorded, std::uint64_t now_us)
{
    if (auto* lost = std::get_if<Recorded::Lost>(&recorded.what))
        return screen::LinkLost{.now_us = now_us, .why = std::move(lost->why), .tries = 0, .retry_at_us = {}};
    auto& event = std::get<ipc::SubscribeEvent>(recorded.what);
    return screen::StatusCame{.now_us = now_us,
                              .wall_time = std::move(recorded.wall_time),
                              .status = std::move(event.status),
                              .history = std::move(event.history)};
}

} // namespace embedd::console
