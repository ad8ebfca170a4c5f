#include "console/embedctl/commands.hpp"
#include "console/presentation/units.hpp"
#include "ipc/json.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace embedd::console {

namespace {

nlohmann::json to_json(const std::vector<ipc::TokenInfo>& tokens)
{
    auto list = nlohmann::json::array();
    for (const auto& token : tokens) {
        nlohmann::json shown{{"id", token.id}, {"text", token.text}, {"special", token.special}};
        shown["start"] = token.start ? nlohmann::json(*token.start) : nlohmann::json();
        shown["stop"] = token.stop ? nlohmann::json(*token.stop) : nlohmann::json();
        list.push_back(std::move(shown));
    }
    return list;
}

void print_table(const std::vector<ipc::TokenInfo>& tokens)
{
    std::printf("%8s  %-11s  %s\n", "id", "bytes", "token");
    for (const auto& token : tokens) {
        const auto bytes = token.start && token.stop
                               ? std::to_string(*token.start) + '-' + std::to_string(*token.stop)
                               : std::string{};
        std::printf("%8u  %-11s  %s\n", token.id, bytes.c_str(), printable(token.text).c_str());
    }
}

} // namespace

ExitCode tokenize_command(const Target& target, const TokenizeOptions& options)
{
    auto client_options = locate(target);
    if (!client_options)
        return report(client_options.error());
    ipc::Client client{*client_options};
    const auto reply =
        client.tokenize({.inputs = options.texts, .add_special_tokens = options.special_tokens});
    if (!reply)
        return report(reply.error());
    for (const auto& tokens : reply->tokens) {
        if (options.format == Format::json)
            std::printf("%s\n", ipc::dump_json(to_json(tokens)).c_str());
        else
            print_table(tokens);
    }
    return ExitCode::ok;
}

} // namespace embedd::console
