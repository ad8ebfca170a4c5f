#include "daemon/warm_up_history.hpp"

#include "ipc/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <ranges>

namespace embedd::daemon {

namespace {

// A hostile or broken file must not be read without end.
constexpr std::size_t longest_line = 64 << 10;

// Hands over each line that is JSON, at most so many.
template <class Take>
void read_lines(const std::filesystem::path& path, std::size_t most, Take take)
{
    std::ifstream file{path};
    std::size_t count = 0;
    for (std::string line; count < most && std::getline(file, line) && line.size() <= longest_line; ++count)
        if (const auto json = ipc::parse_json(line))
            take(*json);
}

// The whole file at once, so that a crash leaves the old one or the new one.
std::optional<std::string> replace(const std::filesystem::path& path, const std::string& text)
{
    if (path.empty())
        return std::nullopt;
    const auto draft = path.string() + ".new";
    std::ofstream file{draft, std::ios::trunc};
    file << text << std::flush;
    const bool written = file.good();
    file.close();
    if (!written || std::rename(draft.c_str(), path.c_str()) != 0) {
        std::string why = path.string() + " cannot be written: " + std::strerror(errno);
        std::error_code none;
        std::filesystem::remove(draft, none);
        return why;
    }
    return std::nullopt;
}

std::optional<Shape> shape_from(const nlohmann::json& json)
{
    if (!json.is_object() || !json.contains("task") || !json["task"].is_string() || !json.contains("rows") ||
        !json["rows"].is_number_unsigned() || !json.contains("length") ||
        !json["length"].is_number_unsigned())
        return std::nullopt;
    return Shape{json["task"], json["rows"], json["length"]};
}

} // namespace

WarmUpHistory::WarmUpHistory(const std::filesystem::path& directory)
    : file_(directory.empty() ? std::filesystem::path{} : directory / "warmups.jsonl"),
      shapes_file_(directory.empty() ? std::filesystem::path{} : directory / "cold_shapes.jsonl")
{
    read_lines(file_, 2 * kept, [this](const nlohmann::json& json) {
        if (!json.is_object() || !json.contains("report"))
            return;
        if (auto record = ipc::warm_up_record_from_json(json))
            records_.push_back(*std::move(record));
    });
    if (records_.size() > kept)
        records_.erase(records_.begin(), records_.end() - static_cast<std::ptrdiff_t>(kept));
    read_lines(shapes_file_, shapes_kept, [this](const nlohmann::json& json) {
        if (auto shape = shape_from(json))
            learned_.insert(*std::move(shape));
    });
}

std::optional<std::chrono::microseconds> WarmUpHistory::last_time(const std::string& phase) const
{
    for (const auto& record : std::views::reverse(records_))
        if (const auto found = record.phases_us.find(phase); found != record.phases_us.end())
            return std::chrono::microseconds{static_cast<std::int64_t>(found->second)};
    return std::nullopt;
}

std::optional<std::chrono::microseconds> WarmUpHistory::usual_time(const ipc::ModelStatus& model) const
{
    constexpr std::size_t most = 10;
    constexpr std::size_t least = 3;
    std::vector<std::uint64_t> times;
    for (const auto& record : std::views::reverse(records_)) {
        if (times.size() == most)
            break;
        if (record.to_ready_us && record.fingerprint == model.fingerprint && record.dtype == model.dtype)
            times.push_back(*record.to_ready_us);
    }
    if (times.size() < least)
        return std::nullopt;
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return std::chrono::microseconds{static_cast<std::int64_t>(*middle)};
}

const ipc::WarmUpRecord* WarmUpHistory::last_start(const std::string& model, const std::string& dtype) const
{
    for (const auto& record : std::views::reverse(records_))
        if (record.kind == "start" && record.model == model && record.dtype == dtype)
            return &record;
    return nullptr;
}

std::optional<std::string> WarmUpHistory::add(ipc::WarmUpRecord record)
{
    records_.push_back(std::move(record));
    if (records_.size() > kept)
        records_.erase(records_.begin());
    std::string lines;
    for (const auto& each : records_)
        lines += ipc::dump_json(to_json(each)) + '\n';
    return replace(file_, lines);
}

std::optional<std::string> WarmUpHistory::forget_learned()
{
    if (learned_.empty())
        return std::nullopt;
    learned_.clear();
    return replace(shapes_file_, "");
}

std::optional<std::string> WarmUpHistory::learn(const Shape& shape)
{
    if (learned_.size() >= shapes_kept || !learned_.insert(shape).second)
        return std::nullopt;
    std::string lines;
    for (const auto& each : learned_)
        lines += ipc::dump_json({{"task", each.task}, {"rows", each.rows}, {"length", each.length}}) + '\n';
    return replace(shapes_file_, lines);
}

} // namespace embedd::daemon
