#include "tests/fake_worker/faults.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>

namespace embedd::fake {
namespace {

// N of a file name "<prefix>N".
template <class Number>
std::optional<Number> number_after(std::string_view prefix, std::string_view name)
{
    if (!name.starts_with(prefix))
        return std::nullopt;
    name.remove_prefix(prefix.size());
    Number number{};
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size())
        return std::nullopt;
    return number;
}

} // namespace

Faults Faults::from_environment()
{
    Faults faults;
    if (const char* directory = std::getenv("EMBEDD_FAKE_CONTROL"))
        faults.directory_ = directory;
    return faults;
}

bool Faults::has(std::string_view name) const
{
    return !directory_.empty() && ::access((directory_ / name).c_str(), F_OK) == 0;
}

bool Faults::take(std::string_view name) const
{
    return !directory_.empty() && ::unlink((directory_ / name).c_str()) == 0;
}

std::optional<std::uint64_t> Faults::memory_ends_above() const
{
    std::error_code gone;
    if (directory_.empty())
        return std::nullopt;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, gone)) {
        if (const auto tokens = number_after<std::uint64_t>("oom-above-", entry.path().filename().string()))
            return tokens;
    }
    return std::nullopt;
}

bool Faults::poisoned(std::span<const std::int32_t> ids) const
{
    std::error_code gone;
    if (directory_.empty())
        return false;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, gone)) {
        const auto id = number_after<std::int32_t>("poison-", entry.path().filename().string());
        if (id && std::ranges::find(ids, *id) != ids.end())
            return true;
    }
    return false;
}

void Faults::log(std::string_view name, std::string_view line) const
{
    if (directory_.empty())
        return;
    const int file = ::open((directory_ / name).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0)
        return;
    const std::string whole = std::string(line) + "\n"; // one write, so that workers do not mix
    [[maybe_unused]] const auto written = ::write(file, whole.data(), whole.size());
    ::close(file);
}

} // namespace embedd::fake
