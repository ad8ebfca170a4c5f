#include "daemon/options.hpp"

#include "daemon/model_path.hpp"
#include "daemon/option_table.hpp"
#include "ipc/json.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace embedd::daemon {

namespace {

using Fault = std::optional<Failure>;

Fault apply(const Option& option, const std::string& text, const std::string& source, ExitCode code,
            Options& options)
{
    const auto allowed = option.set(options, text);
    if (!allowed)
        return std::nullopt;
    return Failure{code, source + ": '" + text.substr(0, 64) + "' is not " + *allowed};
}

std::string unknown(const std::string& what, std::string_view name)
{
    const auto* meant = nearest_option(name);
    return "unknown " + what + " '" + std::string{name.substr(0, 64)} + "'" +
           (meant != nullptr ? ", did you mean '" + std::string{meant->name} + "'?" : "");
}

std::string text_of(const nlohmann::json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

Fault read_file(const std::filesystem::path& path, Options& options)
{
    std::ifstream file{path, std::ios::binary};
    if (!file)
        return errno == ENOENT
                   ? Fault{}
                   : Failure{ExitCode::configuration, path.string() + ": " + std::strerror(errno)};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    const auto json = ipc::parse_json_with_comments(content);
    if (!json)
        return Failure{ExitCode::configuration, path.string() + ": " + json.error().message};
    if (!json->is_object())
        return Failure{ExitCode::configuration, path.string() + ": is no JSON object"};
    for (const auto& [name, value] : json->items()) {
        const auto* option = find_option(name);
        if (option == nullptr)
            return Failure{ExitCode::configuration, path.string() + ": " + unknown("name", name)};
        if (auto fault =
                apply(*option, text_of(value), path.string() + ": " + name, ExitCode::configuration, options))
            return fault;
    }
    return std::nullopt;
}

Fault read_environment(const Environment& environment, Options& options)
{
    // systemd's name for what StateDirectory= made; several are parted by colons.
    if (const auto state = environment("STATE_DIRECTORY"))
        options.state_directory = state->substr(0, state->find(':'));
    for (const auto& option : option_table()) {
        const auto name = environment_name(option);
        if (const auto text = environment(name))
            if (auto fault = apply(option, *text, name, ExitCode::configuration, options))
                return fault;
    }
    return std::nullopt;
}

Fault read_flags(std::span<const std::string> arguments, Options& options)
{
    std::set<std::string_view> seen;
    const auto usage = [](std::string message) { return Failure{ExitCode::usage, std::move(message)}; };
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
        if (!argument->starts_with("--"))
            return usage("unexpected argument '" + argument->substr(0, 64) + "' (see embedd --help)");
        const auto equals = argument->find('=');
        const auto name = argument->substr(2, equals == std::string::npos ? equals : equals - 2);
        const auto* option = find_option(name);
        if (option == nullptr)
            return usage(unknown("option", name));
        if (!seen.insert(option->name).second)
            return usage("--" + name + " is given twice");
        if (equals == std::string::npos && std::next(argument) == arguments.end())
            return usage("--" + name + " needs a value: " + std::string{option->value});
        const auto text = equals == std::string::npos ? *++argument : argument->substr(equals + 1);
        if (auto fault = apply(*option, text, "--" + name, ExitCode::usage, options))
            return fault;
    }
    return std::nullopt;
}

constexpr std::string_view print_plan_flag = "--print-warmup-plan";

std::optional<Task> asked_instead(std::span<const std::string> arguments)
{
    for (const auto& argument : arguments) {
        if (argument == "--help" || argument == "-h")
            return Task::help;
        if (argument == "--version")
            return Task::version;
        if (argument == "--man-page")
            return Task::man_page;
    }
    return std::nullopt;
}

} // namespace

Result<Invocation> read_options(std::span<const std::string> arguments, const Environment& environment,
                                const std::filesystem::path& configuration_file)
{
    Invocation invocation;
    if (const auto task = asked_instead(arguments)) {
        invocation.task = *task;
        return invocation;
    }
    // The plan is made from the options, so these are read as well.
    std::vector<std::string> others;
    std::ranges::copy_if(arguments, std::back_inserter(others),
                         [](const std::string& argument) { return argument != print_plan_flag; });
    if (others.size() != arguments.size())
        invocation.task = Task::print_plan;
    arguments = others;
    auto& options = invocation.options;
    // The later one wins. Flags are looked at first for their faults: a typo is told before a file is read.
    Options flags_alone;
    for (const auto& fault : {read_flags(arguments, flags_alone), read_file(configuration_file, options),
                              read_environment(environment, options), read_flags(arguments, options)})
        if (fault)
            return *fault;
    auto model = find_model(options.model.string(), environment);
    if (!model)
        return model.error();
    options.model = std::move(*model);
    return invocation;
}

void throw_exception_from_error(const Failure& failure, const boost::source_location&)
{
    throw std::logic_error("a failure was not looked at: " + failure.message);
}

} // namespace embedd::daemon
