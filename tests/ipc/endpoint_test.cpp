#include "ipc/endpoint.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

namespace embedd::ipc {
namespace {

class Endpoint : public ::testing::Test {
protected:
    Endpoint()
    {
        ::unsetenv("EMBEDD_SOCKET");
        ::setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    }
    ~Endpoint() override { ::unsetenv("EMBEDD_SOCKET"); }
};

using Paths = std::vector<std::filesystem::path>;

TEST_F(Endpoint, IsTheOneThatWasNamedAndNoOther)
{
    EXPECT_EQ(client_sockets("/my/socket"), Paths{"/my/socket"});

    ::setenv("EMBEDD_SOCKET", "/env/socket", 1);
    EXPECT_EQ(client_sockets(std::nullopt), Paths{"/env/socket"});
    EXPECT_EQ(client_sockets("/my/socket"), Paths{"/my/socket"});
}

TEST_F(Endpoint, IsTheUsersOwnBeforeTheSystems)
{
    EXPECT_EQ(client_sockets(std::nullopt),
              (Paths{"/run/user/7/embedd/embedd.sock", "/run/embedd/embedd.sock"}));

    ::setenv("EMBEDD_SOCKET", "", 1);
    EXPECT_EQ(client_sockets(std::nullopt).size(), 2U);
}

TEST_F(Endpoint, WithoutARuntimeDirectoryIsTheSystems)
{
    ::unsetenv("XDG_RUNTIME_DIR");

    EXPECT_EQ(client_sockets(std::nullopt), Paths{"/run/embedd/embedd.sock"});
}

} // namespace
} // namespace embedd::ipc
