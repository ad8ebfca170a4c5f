#include "daemon/warm_up_history.hpp"

#include "ipc/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace embedd::daemon {

namespace {

using Start = WarmUpHistory::Start;

// A hostile or broken file must not be read without end.
constexpr std::size_t longest_line = 64 << 10;

std::optional<Start> start_from(const std::string& line)
{
    const auto json = ipc::parse_json(line);
    if (!json || !json->is_object())
        return std::nullopt;
    const auto ready = json->find("to_ready_us");
    const auto model = json->find("model");
    const auto phases = json->find("phases_us");
    if (ready == json->end() || !ready->is_number_unsigned() || model == json->end() || !model->is_string() ||
        phases == json->end() || !phases->is_object())
        return std::nullopt;
    Start start{
        .to_ready = std::chrono::microseconds{ready->get<std::int64_t>()}, .phases_us = {}, .model = *model};
    for (const auto& [name, took] : phases->items()) {
        if (!took.is_number_unsigned())
            return std::nullopt;
        start.phases_us[name] = took.get<std::uint64_t>();
    }
    return start;
}

std::string line_of(const Start& start)
{
    const nlohmann::json json{
        {"to_ready_us", start.to_ready.count()}, {"model", start.model}, {"phases_us", start.phases_us}};
    return ipc::dump_json(json) + '\n';
}

} // namespace

WarmUpHistory::WarmUpHistory(std::filesystem::path directory)
    : file_(directory.empty() ? std::filesystem::path{} : directory / "warmups.jsonl")
{
    std::ifstream file{file_};
    for (std::string line;
         starts_.size() < 2 * kept && std::getline(file, line) && line.size() <= longest_line;)
        if (auto start = start_from(line))
            starts_.push_back(std::move(*start));
}

std::optional<std::chrono::microseconds> WarmUpHistory::last_time(const std::string& phase) const
{
    for (auto start = starts_.rbegin(); start != starts_.rend(); ++start)
        if (const auto found = start->phases_us.find(phase); found != start->phases_us.end())
            return std::chrono::microseconds{found->second};
    return std::nullopt;
}

std::optional<std::chrono::microseconds> WarmUpHistory::usual_time(const std::string& model) const
{
    constexpr std::size_t most = 10;
    constexpr std::size_t least = 3;
    std::vector<std::chrono::microseconds> times;
    for (auto start = starts_.rbegin(); start != starts_.rend() && times.size() < most; ++start)
        if (start->model == model)
            times.push_back(start->to_ready);
    if (times.size() < least)
        return std::nullopt;
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

std::optional<std::string> WarmUpHistory::add(const Start& start)
{
    starts_.push_back(start);
    if (starts_.size() > kept)
        starts_.erase(starts_.begin(), starts_.end() - static_cast<std::ptrdiff_t>(kept));
    if (file_.empty())
        return std::nullopt;
    // Written anew beside it and renamed: whoever reads never sees half a file.
    const auto beside = file_.string() + ".new";
    {
        std::ofstream file{beside, std::ios::trunc};
        for (const auto& each : starts_)
            file << line_of(each);
        file.flush();
        if (!file)
            return beside + ": " + std::strerror(errno);
    }
    std::error_code error;
    std::filesystem::rename(beside, file_, error);
    return error ? std::optional{file_.string() + ": " + error.message()} : std::nullopt;
}

} // namespace embedd::daemon
