#include "console/command_line/exit_code.hpp"

#include "console/presentation/units.hpp"

namespace embedd::console {

ExitCode exit_code_of(const ipc::CallFailure& failure) noexcept
{
    if (failure.link)
        return *failure.link == ipc::LinkFault::malformed ? ExitCode::failed : ExitCode::unreachable;
    switch (failure.error.type) {
    case ipc::ErrorType::not_ready:
    case ipc::ErrorType::draining:
        return ExitCode::not_ready;
    default:
        return ExitCode::failed;
    }
}

std::string describe(const ipc::CallFailure& failure)
{
    auto line = printable(failure.error.message);
    if (!failure.link)
        line += " (" + std::string{to_string(failure.error.type)} + ')';
    if (failure.error.retry_after_ms)
        line += ", try again in " + format_duration(std::chrono::milliseconds{*failure.error.retry_after_ms});
    return line;
}

} // namespace embedd::console
