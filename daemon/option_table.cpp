#include "daemon/option_table.hpp"

#include "daemon/option_values.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view model = "Model", socket = "Socket", compute = "Computing",
                           limits = "Limits on clients", warming = "Warm-up and stopping",
                           places = "Places";

std::string set_count(std::uint64_t least, std::uint64_t most, const std::string& text, auto& into)
{
    const auto number = whole_number(text);
    if (!number || *number < least || *number > most)
        return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    into = static_cast<std::remove_reference_t<decltype(into)>>(*number);
    return {};
}

std::string set_count_or_auto(std::uint64_t least, std::uint64_t most, const std::string& text, auto& into)
{
    if (text == "auto") {
        into = 0;
        return {};
    }
    const auto wrong = set_count(least, most, text, into);
    return wrong.empty() ? wrong : "auto or " + wrong;
}

std::string set_truth(const std::string& text, bool& into)
{
    const auto value = truth(text);
    if (!value)
        return "true or false";
    into = *value;
    return {};
}

std::string shown(std::chrono::milliseconds duration)
{
    return duration % 1s == 0ms ? std::to_string(duration / 1s) + "s" : std::to_string(duration.count()) + "ms";
}

std::string set_duration(std::chrono::milliseconds least, std::chrono::milliseconds most,
                         const std::string& text, std::chrono::milliseconds& into)
{
    const auto value = duration(text);
    if (!value || *value < least || *value > most)
        return "a duration like 50ms, 20s or 2m from " + shown(least) + " to " + shown(most);
    into = *value;
    return {};
}

std::string set_choice(std::initializer_list<std::string_view> choices, const std::string& text,
                       std::string& into)
{
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
        into = text;
        return {};
    }
    std::string allowed;
    for (const auto choice : choices)
        allowed += (allowed.empty() ? "" : ", ") + std::string(choice);
    return "one of " + allowed;
}

std::string set_path(const std::string& text, auto& into)
{
    if (text.empty())
        return "a path";
    into = std::filesystem::path(text);
    return {};
}

// Which device exists is for later: this only reads.
std::string set_device(const std::string& text, std::string& into)
{
    if (text != "auto" && text != "cpu" && !text.starts_with("cuda"))
        return "auto, cpu, cuda or cuda:N";
    into = text;
    return {};
}

constexpr std::array table{
    Option{"model", model, "DIR", "",
           "The model: a Hugging Face directory, or org/name in the local Hugging Face cache.",
           [](Options& o, const std::string& t) { return set_path(t, o.model); }},
    Option{"dtype", model, "auto|float32|bfloat16", "auto",
           "Numbers the network computes with. auto: bfloat16 where the processor multiplies it natively.",
           [](Options& o, const std::string& t) {
               return set_choice({"auto", "float32", "bfloat16"}, t, o.dtype);
           }},
    Option{"socket", socket, "PATH", "",
           "Where to listen, unless systemd passes a socket. Default: $XDG_RUNTIME_DIR/embedd/embedd.sock, "
           "for root /run/embedd/embedd.sock.",
           [](Options& o, const std::string& t) { return set_path(t, o.socket); }},
    Option{"socket-mode", socket, "MODE", "",
           "Mode of the socket, octal. Default: 0660 with the group, 0600 where the group does not exist.",
           [](Options& o, const std::string& t) -> std::string {
               o.socket_mode = file_mode(t);
               return o.socket_mode ? "" : "an octal mode from 0 to 0777";
           }},
    Option{"socket-group", socket, "GROUP", "embedd", "Group of the socket: its members may connect.",
           [](Options& o, const std::string& t) {
               o.socket_group = t;
               return std::string();
           }},
    Option{"device", compute, "auto|cpu|cuda", "auto", "What computes.",
           [](Options& o, const std::string& t) { return set_device(t, o.device); }},
    Option{"replicas", compute, "N", "1", "Worker processes, each with the model in its memory.",
           [](Options& o, const std::string& t) { return set_count(1, 64, t, o.replicas); }},
    Option{"lanes", compute, "auto|N", "auto", "Batches a replica computes at once. auto: one a core.",
           [](Options& o, const std::string& t) { return set_count_or_auto(1, 1024, t, o.lanes); }},
    Option{"max-batch-tokens", compute, "auto|N", "auto",
           "Tokens of a batch. auto: measured by warm-up.",
           [](Options& o, const std::string& t) {
               return set_count_or_auto(8, 1'048'576, t, o.max_batch_tokens);
           }},
    Option{"max-batch-latency", compute, "TIME", "50ms",
           "The longest a batch may take when its size is measured.",
           [](Options& o, const std::string& t) { return set_duration(1ms, 60s, t, o.max_batch_latency); }},
    Option{"tokenizer-threads", compute, "auto|N", "auto", "Threads that tokenise. auto: one a core.",
           [](Options& o, const std::string& t) {
               return set_count_or_auto(1, 1024, t, o.tokenizer_threads);
           }},
    Option{"max-queue-tokens", limits, "N", "2000000",
           "Tokens that may wait; beyond them requests are answered `overloaded`.",
           [](Options& o, const std::string& t) {
               return set_count(1, 1'000'000'000'000, t, o.max_queue_tokens);
           }},
    Option{"max-clients", limits, "N", "4096", "Connections at once.",
           [](Options& o, const std::string& t) { return set_count(1, 1'000'000, t, o.max_clients); }},
    Option{"max-request-bytes", limits, "SIZE", "16MiB", "The largest request.",
           [](Options& o, const std::string& t) -> std::string {
               const auto size = size_in_bytes(t);
               if (!size || *size < 1024 || *size > (1ULL << 30))
                   return "a size like 64KiB or 16MiB from 1KiB to 1GiB";
               o.max_request_bytes = *size;
               return {};
           }},
    Option{"max-inputs", limits, "N", "8192", "Inputs of one request.",
           [](Options& o, const std::string& t) { return set_count(1, 1'000'000, t, o.max_inputs); }},
    Option{"auto-truncate", limits, "true|false", "true",
           "Cut inputs longer than the model takes, where the request does not say.",
           [](Options& o, const std::string& t) { return set_truth(t, o.auto_truncate); }},
    Option{"hold-limit", limits, "TIME", "60s",
           "How long a request that came before the service was ready may wait for it.",
           [](Options& o, const std::string& t) { return set_duration(0ms, 24h, t, o.hold_limit); }},
    Option{"warmup", warming, "true|false", "true", "Warm up before READY.",
           [](Options& o, const std::string& t) { return set_truth(t, o.warmup); }},
    Option{"warmup-budget", warming, "TIME", "20s", "The longest that warm-up measures.",
           [](Options& o, const std::string& t) { return set_duration(0ms, 1h, t, o.warmup_budget); }},
    Option{"warmup-gate", warming, "warn|strict", "warn",
           "What a warm-up that misses its promise means: a warning, or a service that is not ready.",
           [](Options& o, const std::string& t) {
               std::string gate;
               auto wrong = set_choice({"warn", "strict"}, t, gate);
               o.warmup_gate = gate == "strict" ? WarmUpGate::strict : WarmUpGate::warn;
               return wrong;
           }},
    Option{"drain-timeout", warming, "TIME", "30s", "The longest that accepted work is finished at a stop.",
           [](Options& o, const std::string& t) { return set_duration(0ms, 24h, t, o.drain_timeout); }},
    Option{"state-directory", places, "DIR", "",
           "Where earlier starts are remembered. Default: systemd's $STATE_DIRECTORY, else nowhere.",
           [](Options& o, const std::string& t) { return set_path(t, o.state_directory); }},
    Option{"worker", places, "PROGRAM", "",
           "embedd-worker. Default: beside embedd, else in ../libexec/embedd.",
           [](Options& o, const std::string& t) { return set_path(t, o.worker); }},
};

std::string with_dashes(std::string_view flag)
{
    std::string dashed(flag);
    std::ranges::replace(dashed, '_', '-');
    return dashed;
}

std::size_t edit_distance(std::string_view from, std::string_view to)
{
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

std::span<const Option> option_table() { return table; }

const Option* find_option(std::string_view flag)
{
    const auto found = std::ranges::find(table, with_dashes(flag), &Option::flag);
    return found != table.end() ? &*found : nullptr;
}

std::string_view nearest_flag(std::string_view flag)
{
    const auto dashed = with_dashes(flag);
    const auto* nearest = std::ranges::min_element(
        table, {}, [&](const Option& option) { return edit_distance(dashed, option.flag); });
    return edit_distance(dashed, nearest->flag) <= 1 + dashed.size() / 4 ? nearest->flag : "";
}

std::string environment_name(const Option& option)
{
    std::string name = "EMBEDD_" + file_key(option);
    for (char& character : name) {
        if (character >= 'a' && character <= 'z')
            character = static_cast<char>(character - 'a' + 'A');
    }
    return name;
}

std::string file_key(const Option& option)
{
    std::string key(option.flag);
    std::ranges::replace(key, '-', '_');
    return key;
}

} // namespace embedd::daemon
