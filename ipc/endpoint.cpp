#include "ipc/endpoint.hpp"

#include <unistd.h>

#include <cstdlib>

namespace embedd::ipc {

namespace {

constexpr const char* system_socket = "/run/embedd/embedd.sock";

std::optional<std::filesystem::path> user_socket()
{
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime == nullptr || *runtime != '/')
        return std::nullopt;
    return std::filesystem::path{runtime} / "embedd" / "embedd.sock";
}

} // namespace

std::optional<std::filesystem::path> default_socket_of_this_user()
{
    if (::geteuid() == 0)
        return system_socket;
    return user_socket();
}

std::vector<std::filesystem::path> client_sockets(const std::optional<std::string>& flag)
{
    if (flag)
        return {*flag};
    if (const char* named = std::getenv("EMBEDD_SOCKET"); named != nullptr && *named != '\0')
        return {named};
    std::vector<std::filesystem::path> places;
    if (auto own = user_socket())
        places.push_back(std::move(*own));
    places.emplace_back(system_socket);
    return places;
}

} // namespace embedd::ipc
