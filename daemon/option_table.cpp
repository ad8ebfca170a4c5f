#include "daemon/option_table.hpp"

#include "daemon/option_values.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <numeric>
#include <utility>
#include <vector>

namespace embedd::daemon {

namespace {

using Setter = std::function<std::optional<std::string>(Options&, const std::string&)>;

template <class Number>
Setter whole(Number Options::* member, std::uint64_t least, std::uint64_t most)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        const auto value = parse_whole(text);
        if (!value || *value < least || *value > most)
            return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
        options.*member = static_cast<Number>(*value);
        return std::nullopt;
    };
}

// "auto" is 0 in the options.
Setter whole_or_auto(std::uint32_t Options::* member, std::uint64_t most)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        const auto value = text == "auto" ? std::uint64_t{0} : parse_whole(text).value_or(0);
        if (text != "auto" && (value == 0 || value > most))
            return "auto, or a whole number from 1 to " + std::to_string(most);
        options.*member = static_cast<std::uint32_t>(value);
        return std::nullopt;
    };
}

Setter bytes(std::uint64_t Options::* member, std::uint64_t least, std::uint64_t most)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        const auto value = parse_bytes(text);
        if (!value || *value < least || *value > most)
            return "a size from " + std::to_string(least) + " to " + std::to_string(most) +
                   " bytes, like 16MiB";
        options.*member = *value;
        return std::nullopt;
    };
}

Setter duration(std::chrono::milliseconds Options::* member)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        const auto value = parse_duration(text);
        if (!value || value->count() == 0)
            return "a time like 50ms, 20s or 2m";
        options.*member = *value;
        return std::nullopt;
    };
}

Setter duration_or_auto(std::optional<std::chrono::milliseconds> Options::* member)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        const auto value = text == "auto" ? std::nullopt : parse_duration(text);
        if (text != "auto" && (!value || value->count() == 0))
            return "auto, or a time like 50ms, 20s or 2m";
        options.*member = value;
        return std::nullopt;
    };
}

Setter fraction(double Options::* member)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        const auto value = parse_fraction(text);
        if (!value)
            return "a number from 0.01 to 1";
        options.*member = *value;
        return std::nullopt;
    };
}

Setter boolean(bool Options::* member)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        const auto value = parse_bool(text);
        if (!value)
            return "true or false";
        options.*member = *value;
        return std::nullopt;
    };
}

Setter word(std::string Options::* member, std::initializer_list<std::string_view> allowed)
{
    return [=, words = std::vector<std::string_view>{allowed}](
               Options& options, const std::string& text) -> std::optional<std::string> {
        if (std::find(words.begin(), words.end(), text) == words.end())
            return std::accumulate(std::next(words.begin()), words.end(),
                                   "one of: " + std::string{words.front()},
                                   [](const std::string& list, std::string_view next) {
                                       return list + ", " + std::string{next};
                                   });
        options.*member = text;
        return std::nullopt;
    };
}

template <class Value>
Setter choice(Value Options::* member, std::vector<std::pair<std::string_view, Value>> choices)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        std::string names;
        for (const auto& [name, value] : choices) {
            if (name == text) {
                options.*member = value;
                return std::nullopt;
            }
            names += (names.empty() ? "one of: " : ", ") + std::string{name};
        }
        return names;
    };
}

template <class Text>
Setter not_empty(Text Options::* member)
{
    return [=](Options& options, const std::string& text) -> std::optional<std::string> {
        if (text.empty())
            return "something";
        options.*member = text;
        return std::nullopt;
    };
}

std::optional<std::string> set_socket_mode(Options& options, const std::string& text)
{
    if (text == "auto") {
        options.socket_mode.reset();
        return std::nullopt;
    }
    constexpr std::uint32_t none = 01000;
    const auto mode = parse_octal(text).value_or(none);
    if (mode >= none)
        return "auto, or permissions in octal, like 0660";
    options.socket_mode = mode;
    return std::nullopt;
}

std::optional<std::string> set_models_allow(Options& options, const std::string& text)
{
    options.models_allow.clear();
    std::string_view left = text;
    while (!left.empty()) {
        const auto end = std::min(left.find(':'), left.size());
        const std::filesystem::path directory{left.substr(0, end)};
        left.remove_prefix(std::min(end + 1, left.size()));
        if (!directory.is_absolute())
            return "absolute paths of directories with ':' between them";
        options.models_allow.push_back(directory);
    }
    return std::nullopt;
}

std::optional<std::string> set_devices(Options& options, const std::string& text)
{
    auto devices = parse_devices(text);
    if (!devices)
        return "auto, cpu, or a list of up to " + std::to_string(most_devices) +
               " CUDA devices, each once, like cuda:0,cuda:1";
    options.devices = std::move(*devices);
    return std::nullopt;
}

const std::vector<Option>& options()
{
    static const std::vector<Option> table{
        {"model", "DIR", "", "Model: a Hugging Face directory, or org/name in the local Hugging Face cache.",
         not_empty(&Options::model)},
        {"models-allow", "DIR[:DIR]", "",
         "Directories below which a reload may take models; the configured one is always allowed.",
         set_models_allow},
        {"socket", "PATH", "", "Socket to listen on; else the one systemd passes, else the user's default.",
         not_empty(&Options::socket)},
        {"socket-mode", "MODE", "auto", "Permissions of the socket; auto: 0660 with the group, 0600 without.",
         set_socket_mode},
        {"socket-group", "GROUP", "embedd", "Group that may connect, where it exists.",
         not_empty(&Options::socket_group)},
        {"device", "DEVICE", "auto",
         "Where to compute: auto, cpu, or a list of CUDA devices, like cuda:0,cuda:1; cuda is cuda:0.",
         set_devices},
        {"dtype", "TYPE", "auto", "Numbers to compute in: auto, float32, bfloat16 or, on a GPU, float16.",
         word(&Options::dtype, {"auto", "float32", "bfloat16", "float16"})},
        {"replicas", "N", "1", "Worker processes on each device, each with its own copy of the weights.",
         whole(&Options::replicas, 1, 64)},
        {"gpu-assignment", "MODE", "dedicated",
         "With several devices: dedicated, --replicas on each of them, or shared, so many in all, dealt over "
         "them in turn.",
         choice<GpuAssignment>(&Options::gpu_assignment,
                               {{"dedicated", GpuAssignment::dedicated}, {"shared", GpuAssignment::shared}})},
        {"gpu-memory-fraction", "NUMBER", "0.9",
         "Of each GPU's memory, what all replicas on it may take together.",
         fraction(&Options::gpu_memory_fraction)},
        {"cpu-pinning", "MODE", "auto",
         "auto: several replicas on the CPU get cores of their own, where there are enough; off: each runs "
         "on all.",
         choice<bool>(&Options::cpu_pinning, {{"auto", true}, {"off", false}})},
        {"load-balancing", "MODE", "least_loaded",
         "Which of the replicas with a free lane takes the next batch: least_loaded, round_robin or random.",
         choice<LoadBalancing>(&Options::load_balancing, {{"least_loaded", LoadBalancing::least_loaded},
                                                          {"round_robin", LoadBalancing::round_robin},
                                                          {"random", LoadBalancing::random}})},
        {"lanes", "N", "auto", "Batches a replica computes at a time; auto: one for each CPU it may run on.",
         whole_or_auto(&Options::lanes, 1024)},
        {"max-batch-tokens", "N", "auto", "Tokens of a batch; auto: measured by warm-up.",
         whole_or_auto(&Options::max_batch_tokens, 1 << 20)},
        {"max-batch-latency", "TIME", "auto",
         "What one batch may take, which bounds its tokens; auto: 50ms on a CPU, 10ms on a GPU.",
         duration_or_auto(&Options::max_batch_latency)},
        {"max-queue-tokens", "N", "2000000", "Tokens that may wait; more is answered overloaded.",
         whole(&Options::max_queue_tokens, 1, 1'000'000'000)},
        {"max-clients", "N", "4096", "Connections at a time.", whole(&Options::max_clients, 1, 1'000'000)},
        {"max-client-bytes", "SIZE", "512MiB",
         "What requests, unread answers and unfinished frames of all clients may hold; more is overloaded.",
         bytes(&Options::max_client_bytes, 1 << 20, 1ULL << 40)},
        {"max-request-bytes", "SIZE", "16MiB", "Size of a request.",
         bytes(&Options::max_request_bytes, 1024, 1ULL << 30)},
        {"max-inputs", "N", "8192", "Inputs of a request.", whole(&Options::max_inputs, 1, 1'000'000)},
        {"auto-truncate", "BOOL", "true",
         "Cut inputs that are longer than the model takes; false: refuse them.",
         boolean(&Options::auto_truncate)},
        {"hold-limit", "TIME", "60s", "How long a request waits for a service that is starting.",
         duration(&Options::hold_limit)},
        {"frame-limit", "TIME", "30s", "How long a client may take to send a whole frame.",
         duration(&Options::frame_limit)},
        {"write-limit", "TIME", "10s", "How long a client may leave its answers unread.",
         duration(&Options::write_limit)},
        {"drain-timeout", "TIME", "30s", "How long a stop waits for what was accepted.",
         duration(&Options::drain_timeout)},
        {"load", "MODE", "eager",
         "When weights are read: eager, at the start, or lazy, at the first request, which waits for it.",
         choice<LoadMode>(&Options::load, {{"eager", LoadMode::eager}, {"lazy", LoadMode::lazy}})},
        {"warmup", "BOOL", "true", "Warm up before READY; false: ready right after loading.",
         boolean(&Options::warmup)},
        {"warmup-budget", "TIME", "20s", "What warm-up may take.", duration(&Options::warmup_budget)},
        {"warmup-gate", "MODE", "warn",
         "Where warm-up misses its promise: warn and be ready, or strict: stay failed.",
         choice<WarmUpGate>(&Options::warmup_gate,
                            {{"warn", WarmUpGate::warn}, {"strict", WarmUpGate::strict}})},
        {"tokenizer-threads", "N", "auto", "Threads that tokenise long texts; auto: one a core.",
         whole_or_auto(&Options::tokenizer_threads, 256)},
        {"state-directory", "DIR", "",
         "Where past starts are kept; else the one systemd names, else nowhere.",
         not_empty(&Options::state_directory)},
        {"worker", "PROGRAM", "", "embedd-worker; else the one installed with embedd.",
         not_empty(&Options::worker)},
    };
    return table;
}

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row.back();
}

} // namespace

std::span<const Option> option_table()
{
    return options();
}

const Option* find_option(std::string_view name)
{
    const auto table = option_table();
    const auto found = std::ranges::find(table, name, &Option::name);
    return found == table.end() ? nullptr : &*found;
}

std::string environment_name(const Option& option)
{
    std::string name = "EMBEDD_";
    for (const char c : option.name)
        name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

const Option* nearest_option(std::string_view name)
{
    constexpr std::size_t near = 3;
    const auto by_distance = [name](const Option& option) {
        return edit_distance(name.substr(0, 64), option.name);
    };
    const auto best = std::ranges::min_element(option_table(), {}, by_distance);
    return by_distance(*best) <= near ? &*best : nullptr;
}

} // namespace embedd::daemon
