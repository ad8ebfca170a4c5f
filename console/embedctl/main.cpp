#include "console/embedctl/commands.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <map>

namespace {

using namespace embedd;
using console::ExitCode;

constexpr const char* exit_codes =
    "Exit codes: 0 done (for health and wait-ready: ready), 1 failed, 2 usage, 3 reachable but not ready,\n"
    "4 not reachable. The daemon is looked for at --socket, else $EMBEDD_SOCKET, else the user's and the "
    "system's\n"
    "default socket.";

const std::map<std::string, ipc::VectorType> vector_types{{"float32", ipc::VectorType::float32},
                                                          {"float16", ipc::VectorType::float16},
                                                          {"bfloat16", ipc::VectorType::bfloat16},
                                                          {"int8", ipc::VectorType::int8},
                                                          {"ubinary", ipc::VectorType::ubinary}};
const std::map<std::string, ipc::Priority> priorities{{"interactive", ipc::Priority::interactive},
                                                      {"batch", ipc::Priority::batch}};
const std::map<std::string, ipc::TruncationDirection> directions{{"left", ipc::TruncationDirection::left},
                                                                 {"right", ipc::TruncationDirection::right}};

template <class Value>
void add_choice(CLI::App& command, const std::string& name, Value& value,
                const std::map<std::string, Value>& choices, const std::string& description)
{
    command
        .add_option_function<std::string>(
            name, [&value, &choices](const std::string& choice) { value = choices.at(choice); }, description)
        ->check(CLI::IsMember(choices));
}

void add_embed(CLI::App& app, console::EmbedOptions& embed)
{
    auto* command = app.add_subcommand("embed", "Turn texts into vectors: JSON lines, or a numpy file");
    command->add_option("text", embed.texts, "Texts; without any, the lines of --input");
    command->add_option("-i,--input", embed.input, "File with a text a line; - is standard input (default)");
    command->add_option("-o,--output", embed.output, "Write a numpy file (.npy) instead of JSON lines");
    command->add_option("--dimensions", embed.request.dimensions, "Keep the first N dimensions (Matryoshka)");
    command->add_option("--normalize", embed.request.normalize, "true or false; default: as the model does");
    command->add_option("--truncate", embed.request.truncate, "true or false; default: as the server does");
    add_choice(*command, "--truncation-direction", embed.request.truncation_direction, directions,
               "Which end is cut");
    command->add_option("--prompt-name", embed.request.prompt_name,
                        "One of the model's prompts (embedctl info)");
    command->add_option("--prompt", embed.request.prompt, "Put before each text");
    add_choice(*command, "--dtype", embed.request.dtype, vector_types, "Numbers in the numpy file");
    add_choice(*command, "--priority", embed.priority, priorities, "batch is for work that can wait");
    command->add_option("--batch-size", embed.texts_a_request, "Texts a request")->check(CLI::Range(1, 8192));
    command->add_option("--in-flight", embed.requests_in_flight, "Requests at a time")
        ->check(CLI::Range(1, 64));
}

void add_warm_ups(CLI::App& app, console::WarmUpsOptions& warm_ups)
{
    const auto compare_these = [&](const std::vector<std::string>& words) {
        auto& numbers = warm_ups.compared.emplace();
        for (const auto& word : words) // one empty word is how CLI11 says that no number followed
            if (!word.empty() && !CLI::detail::lexical_cast(word, numbers.emplace_back()))
                throw CLI::ValidationError("--compare", "'" + word + "' is no number of a warm-up");
        if (numbers.size() == 1)
            throw CLI::ValidationError("--compare", "takes two numbers, or none");
    };
    auto* command = app.add_subcommand("warmups", "Past warm-ups, newest last; compared, or held to bounds");
    auto* json = command->add_flag_callback(
        "--json", [&] { warm_ups.format = console::Format::json; }, "Print JSON: the whole list");
    auto* newest = command->add_option("-n", warm_ups.newest, "Only the newest N");
    auto* compare = command->add_option_function<std::vector<std::string>>(
        "--compare", compare_these,
        "A and B side by side; without numbers the newest two of one model and dtype");
    auto* ratio = command->add_option("--assert-ratio", warm_ups.ratio_at_most,
                                      "Exit with 1 unless the newest was verified with at most this ratio");
    auto* worst = command->add_option("--assert-worst", warm_ups.worst_at_most,
                                      "and at most this one for the worst length (default 1.5)");
    newest->check(CLI::Range(1, 1'000'000))->excludes(json);
    compare->option_text("[A B]")->expected(0, 2)->excludes(json)->excludes(newest);
    ratio->check(CLI::Range(0.001, 1000.0))->excludes(json)->excludes(newest)->excludes(compare);
    worst->check(CLI::Range(0.001, 1000.0))->needs(ratio);
}

void add_rewarm(CLI::App& app, console::RewarmOptions& rewarm)
{
    auto* command = app.add_subcommand("rewarm", "Warm up again beside traffic; for administrators");
    command->add_option("--task", rewarm.task, "Only this task's shapes");
    command->add_option("--lengths", rewarm.lengths, "Only inputs of so many tokens: 8,32,100");
    command->add_flag("--dry-run", rewarm.dry_run, "Only say what would be done");
    command->add_flag_callback("--json", [&] { rewarm.format = console::Format::json; }, "Print JSON");
}

void add_operating(CLI::App& app, ipc::ReloadRequest& reload, ipc::RestartReplicaRequest& restart)
{
    auto* command = app.add_subcommand(
        "reload", "Serve another model, or the same one's files anew, and wait for it; for administrators");
    command->add_option(
        "--model", reload.model,
        "Directory of the model, below one of embedd's --models-allow; default: the one served");
    command->add_flag("--in-place", reload.in_place,
                      "End the old model first, where there is no memory for two; clients wait meanwhile");
    command->add_flag("--dry-run", reload.dry_run, "Only say whether it may and whether there is room");
    app.add_subcommand("drain", "Take no new work, and wait until what was accepted is answered");
    app.add_subcommand("resume", "Take work again after drain");
    auto* one = app.add_subcommand("restart-replica",
                                   "End one replica after its running batches, and warm a new one");
    one->add_option("id", restart.replica, "Its id, as embedctl status shows it")->required();
    one->add_flag("--dry-run", restart.dry_run, "Only say which process it is");
}

std::chrono::milliseconds seconds(double value)
{
    return std::chrono::milliseconds{static_cast<std::int64_t>(value * 1000)};
}

} // namespace

int main(int argc, char** argv)
{
    std::signal(SIGPIPE, SIG_IGN); // a reader that left shows as a failed write, which says so

    CLI::App app{"embedctl: ask the embedding daemon embedd", "embedctl"};
    app.set_version_flag("--version", EMBEDD_VERSION);
    app.require_subcommand(1);
    app.footer(exit_codes);
    app.fallthrough();

    console::Target target;
    double timeout = 60;
    app.add_option("--socket", target.socket, "The daemon's socket");
    app.add_option("--timeout", timeout, "Seconds a call may take (default 60)")
        ->check(CLI::Range(0.001, 86400.0));

    console::EmbedOptions embed;
    add_embed(app, embed);

    console::TokenizeOptions tokenize;
    bool json = false;
    auto* tokens = app.add_subcommand("tokenize", "Show the tokens of texts");
    tokens->add_option("text", tokenize.texts, "Texts")->required();
    tokens->add_flag("!--no-special-tokens", tokenize.special_tokens, "Leave out [CLS], [SEP] and the like");
    auto* status = app.add_subcommand("status", "The whole state: phases, warm-up, replicas, queue, latency");
    auto* info = app.add_subcommand("info", "The model's card and the limits");
    auto* health = app.add_subcommand("health", "Whether it serves now; the exit code says so too");
    console::WarmUpsOptions warm_ups;
    add_warm_ups(app, warm_ups);
    console::RewarmOptions rewarm;
    add_rewarm(app, rewarm);
    ipc::ReloadRequest reload;
    ipc::RestartReplicaRequest restart;
    add_operating(app, reload, restart);
    auto* metrics = app.add_subcommand("metrics", "Counters and latencies in Prometheus' text format");
    auto* wait = app.add_subcommand("wait-ready", "Wait, at most --timeout, until it serves");
    for (auto* command : {tokens, status, info, health})
        command->add_flag("--json", json, "Print JSON");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    target.timeout = seconds(timeout);
    const auto format = json ? console::Format::json : console::Format::text;
    tokenize.format = format;

    const auto run = [&] {
        if (tokens->parsed())
            return console::tokenize_command(target, tokenize);
        if (status->parsed())
            return console::status_command(target, format);
        if (info->parsed())
            return console::info_command(target, format);
        if (health->parsed())
            return console::health_command(target, format);
        if (wait->parsed())
            return console::wait_ready_command(target);
        if (app.got_subcommand("warmups"))
            return console::warm_ups_command(target, warm_ups);
        if (app.got_subcommand("rewarm"))
            return console::rewarm_command(target, rewarm);
        if (app.got_subcommand("reload"))
            return console::reload_command(target, reload);
        if (app.got_subcommand("drain"))
            return console::drain_command(target);
        if (app.got_subcommand("resume"))
            return console::resume_command(target);
        if (app.got_subcommand("restart-replica"))
            return console::restart_replica_command(target, restart);
        if (metrics->parsed())
            return console::metrics_command(target);
        return console::embed_command(target, embed);
    };
    return static_cast<int>(run());
}
