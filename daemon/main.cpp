#include "daemon/plan_report.hpp"
#include "daemon/service.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

using namespace embedd::daemon;

constexpr const char* configuration_file = "/etc/embedd/embedd.json";

std::optional<std::string> from_environment(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

ExitCode run(std::span<const std::string> arguments, Log& log, Clock::time_point exec)
{
    auto notify = Notify::from_environment();
    const auto invocation = read_options(arguments, from_environment, configuration_file);
    if (!invocation) {
        log.error(invocation.error().message);
        notify.failed(invocation.error().message, EINVAL);
        return invocation.error().code;
    }
    switch (invocation->task) {
    case Task::help:
        std::fputs(help_text().c_str(), stdout);
        return ExitCode::stopped;
    case Task::version:
        std::puts("embedd " EMBEDD_VERSION);
        return ExitCode::stopped;
    case Task::man_page:
        std::fputs(man_page().c_str(), stdout);
        return ExitCode::stopped;
    case Task::print_plan:
        return print_warm_up_plan(invocation->options, log);
    case Task::serve:
        break;
    }
    return serve(invocation->options, std::move(notify), log, exec);
}

} // namespace

int main(int argc, char** argv)
{
    const auto exec = Clock::now();
    Log log(STDERR_FILENO);
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        return static_cast<int>(run(arguments, log, exec));
    } catch (const std::exception& error) {
        log.error(error.what());
        return static_cast<int>(ExitCode::failure);
    }
}
