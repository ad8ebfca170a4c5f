#include "daemon/options.hpp"

#include "daemon/config_file.hpp"
#include "daemon/model_path.hpp"
#include "daemon/option_table.hpp"

#include <algorithm>
#include <map>

namespace embedd::daemon {
namespace {

struct CommandLine {
    Task task = Task::serve;
    std::map<std::string, std::string> flags;
};

Failure usage(const std::string& what) { return {ExitCode::usage, what + " (embedd --help lists the options)"}; }

Failure unknown_flag(const std::string& flag)
{
    const auto nearest = nearest_flag(flag);
    return usage("--" + flag + " is no option" +
                 (nearest.empty() ? "" : "; did you mean --" + std::string(nearest) + "?"));
}

std::optional<Task> task_of(const std::string& argument)
{
    static const std::map<std::string, Task> tasks{{"--help", Task::help},
                                                   {"-h", Task::help},
                                                   {"--version", Task::version},
                                                   {"--man-page", Task::man_page}};
    const auto found = tasks.find(argument);
    return found != tasks.end() ? std::optional(found->second) : std::nullopt;
}

Result<CommandLine> read_command_line(std::span<const std::string> arguments)
{
    CommandLine line;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string& argument = arguments[at];
        if (const auto task = task_of(argument)) {
            line.task = *task;
            return line; // whatever else is said
        }
        if (!argument.starts_with("--"))
            return usage("'" + argument + "' is not expected here");
        const auto equals = argument.find('=');
        const auto flag = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
        const Option* option = flag.find('_') == std::string::npos ? find_option(flag) : nullptr;
        if (option == nullptr)
            return unknown_flag(flag);
        if (equals == std::string::npos && at + 1 == arguments.size())
            return usage("--" + flag + " needs a value: " + std::string(option->value));
        const auto value = equals == std::string::npos ? arguments[++at] : argument.substr(equals + 1);
        if (!line.flags.emplace(flag, value).second)
            return usage("--" + flag + " is given twice");
    }
    return line;
}

// Where a setting was found, and how errors name that place.
struct Setting {
    std::string text;
    std::string source; // empty: the command line
};

std::optional<Setting> find_setting(const Option& option, const CommandLine& line,
                                    const Environment& environment,
                                    const std::map<std::string, std::string>& file,
                                    const std::filesystem::path& file_path)
{
    const std::string flag(option.flag);
    if (const auto found = line.flags.find(flag); found != line.flags.end())
        return Setting{found->second, ""};
    // An empty variable is an unset one: EnvironmentFile= lines without a value are common.
    if (const auto value = environment(environment_name(option)); value && !value->empty())
        return Setting{*value, environment_name(option)};
    if (const auto found = file.find(flag); found != file.end())
        return Setting{found->second, file_path.string()};
    return std::nullopt;
}

Result<void> set(Options& options, const Option& option, const Setting& setting)
{
    const auto allowed = option.set(options, setting.text);
    if (allowed.empty())
        return {};
    const auto wrong = "--" + std::string(option.flag) + ": '" + setting.text + "' is not " + allowed;
    if (setting.source.empty())
        return Failure{ExitCode::usage, wrong};
    return Failure{ExitCode::configuration, wrong + " (from " + setting.source + ")"};
}

} // namespace

Result<Invocation> read_options(std::span<const std::string> arguments, const Environment& environment,
                                const std::filesystem::path& configuration_file)
{
    const auto line = read_command_line(arguments);
    if (!line)
        return line.error();
    Invocation invocation{.task = line->task, .options = {}};
    if (line->task != Task::serve)
        return invocation;

    const auto file = read_configuration(configuration_file);
    if (!file)
        return file.error();
    Options& options = invocation.options;
    options.state_directory = environment("STATE_DIRECTORY").value_or("");
    for (const Option& option : option_table()) {
        const auto setting = find_setting(option, *line, environment, *file, configuration_file);
        if (!setting)
            continue;
        if (const auto done = set(options, option, *setting); !done)
            return done.error();
    }

    if (options.device != "auto" && options.device != "cpu") {
        return Failure{ExitCode::device_missing,
                       "--device: this build has no CUDA device: '" + options.device +
                           "' cannot compute; use auto or cpu"};
    }
    const auto model = find_model(options.model, environment);
    if (!model)
        return model.error();
    options.model = *model;
    return invocation;
}

} // namespace embedd::daemon
