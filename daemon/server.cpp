#include "daemon/server.hpp"

#include "daemon/descriptor.hpp"
#include "daemon/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace embedd::daemon {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Protocol = asio::local::stream_protocol;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t reserved_for_admins = 8; // so that the console works at full load
constexpr auto accept_pause = 100ms;           // without descriptors, accepting again at once would spin
constexpr auto complaint_interval = 1s;
constexpr int turned_away_at_a_time = 64; // then those who are connected have their turn
constexpr std::uint64_t retry_ms = 1000;

void refuse_politely(Protocol::socket& socket, const char* why)
{
    const ipc::Error refusal{ipc::ErrorType::overloaded, why, retry_ms};
    const auto frame = ipc::encode_frame(ipc::to_header(ipc::Id{}, refusal));
    boost::system::error_code none;
    socket.non_blocking(true, none);
    socket.write_some(asio::buffer(frame), none);
}

bool is_out_of_descriptors(boost::system::error_code failure)
{
    return failure == boost::system::errc::too_many_files_open ||
           failure == boost::system::errc::too_many_files_open_in_system;
}

Descriptor spare_descriptor()
{
    return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

std::optional<gid_t> admin_group()
{
    const group* entry = ::getgrnam("embedd-admin");
    return entry ? std::optional(entry->gr_gid) : std::nullopt;
}

} // namespace

bool is_admin(const ipc::Peer& peer)
{
    static const std::optional<gid_t> admins = admin_group();
    return peer.uid == 0 || peer.uid == ::geteuid() ||
           (admins && std::ranges::binary_search(peer.groups, *admins));
}

struct Server::State : std::enable_shared_from_this<Server::State> {
    State(asio::any_io_executor executor, SessionLimits limits_given, std::size_t clients_max,
          Operations& ops, Clients& list, Log& to)
        : acceptor(executor), pause(executor), limits(limits_given), max_clients(clients_max),
          operations(ops), clients(list), log(to)
    {
    }

    Protocol::acceptor acceptor;
    asio::steady_timer pause;
    Descriptor spare = spare_descriptor();
    SessionLimits limits;
    std::size_t max_clients;
    Operations& operations;
    Clients& clients;
    Log& log;
    std::map<std::uint64_t, std::shared_ptr<Session>> sessions;
    std::uint64_t next = 1;
    Clock::time_point complained{};
    bool stopped = false;

    asio::awaitable<void> accept()
    {
        const auto self = shared_from_this();
        while (!stopped) {
            auto [failure, socket] = co_await acceptor.async_accept(as_result);
            if (stopped)
                co_return;
            if (!failure) {
                welcome(std::move(socket));
                continue;
            }
            if (is_out_of_descriptors(failure))
                turn_away();
            complain("cannot accept a client (" + failure.message() + "), trying again");
            pause.expires_after(accept_pause);
            co_await pause.async_wait(as_result);
        }
    }

    void welcome(Protocol::socket socket)
    {
        auto peer = ipc::peer_of(socket.native_handle());
        if (!peer)
            return; // it left already
        const bool admin = is_admin(*peer);
        if (sessions.size() >= max_clients + (admin ? reserved_for_admins : 0)) {
            operations.refused(ipc::ErrorType::overloaded);
            complain("more clients than --max-clients, refusing new ones");
            return refuse_politely(socket, "too many clients are connected");
        }
        const std::uint64_t number = next++;
        const Caller caller{.owner = {.uid = peer->uid, .connection = number},
                            .admin = admin,
                            .name = "pid " + std::to_string(peer->pid) + " (uid " +
                                    std::to_string(peer->uid) + ')',
                            .own_process = peer->pid == ::getpid() && peer->uid == ::geteuid()};
        auto session = std::make_shared<Session>(std::move(socket), *std::move(peer), caller, limits,
                                                 operations, clients, [weak = weak_from_this(), number] {
                                                     if (const auto server = weak.lock())
                                                         server->sessions.erase(number);
                                                 });
        sessions.emplace(number, session);
        session->start(log);
    }

    // Who connects is told, on the one descriptor that is kept for this.
    void turn_away()
    {
        spare.reset();
        for (int told = 0; told < turned_away_at_a_time; ++told) {
            boost::system::error_code failure;
            Protocol::socket socket(acceptor.get_executor());
            acceptor.accept(socket, failure);
            if (failure)
                break;
            operations.refused(ipc::ErrorType::overloaded);
            refuse_politely(socket, "the service has no descriptor left for another client");
        }
        spare = spare_descriptor();
    }

    void complain(const std::string& line)
    {
        const auto now = Clock::now();
        if (now - complained < complaint_interval)
            return;
        complained = now;
        log.warning(line);
    }
};

Server::Server(asio::any_io_executor executor, const Listener& listener, SessionLimits limits,
               std::size_t max_clients, Operations& operations, Clients& clients, Log& log)
    : state_(std::make_shared<State>(std::move(executor), limits, max_clients, operations, clients, log))
{
    // The listener closes its descriptor itself: the acceptor has one of its own.
    state_->acceptor.assign(Protocol(), ::fcntl(listener.descriptor(), F_DUPFD_CLOEXEC, 0));
    state_->acceptor.non_blocking(true); // turn_away() accepts until nobody waits
}

Server::~Server()
{
    close();
}

void Server::start()
{
    asio::co_spawn(state_->acceptor.get_executor(), state_->accept(),
                   [state = state_](std::exception_ptr failure) {
                       if (!failure)
                           return;
                       try {
                           std::rethrow_exception(failure);
                       } catch (const std::exception& error) {
                           state->log.error(std::string("accepting clients failed: ") + error.what());
                           std::terminate(); // a service that nobody can reach is better started anew
                       }
                   });
}

void Server::stop_accepting()
{
    state_->stopped = true;
    boost::system::error_code none;
    state_->acceptor.close(none);
    state_->pause.cancel();
}

void Server::close()
{
    stop_accepting();
    while (!state_->sessions.empty())
        state_->sessions.begin()->second->close();
}

bool Server::quiet() const
{
    return std::ranges::all_of(state_->sessions, [](const auto& entry) { return entry.second->quiet(); });
}

} // namespace embedd::daemon
