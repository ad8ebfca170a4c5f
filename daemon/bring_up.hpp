#pragma once

#include "daemon/engine.hpp"
#include "daemon/generations.hpp"
#include "daemon/inputs.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/operations.hpp"
#include "daemon/options.hpp"
#include "daemon/status_report.hpp"
#include "daemon/text_pool.hpp"
#include "daemon/verify.hpp"
#include "daemon/warm_up_history.hpp"
#include "daemon/warm_up_run.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace embedd::daemon {

class Log;

// From nothing to READY: the tokenizer is proven and loaded while the worker loads its weights; when both are
// there and the worker is warm, the warm-up is verified through the service's own socket, and only then is
// the service open. Event loop's thread only; lives as long as the loop runs.
class BringUp {
public:
    struct Parts {
        boost::asio::any_io_executor executor;
        const Options& options;
        std::filesystem::path socket;
        std::string rehearsal_token;
        Clock::time_point exec;
        Lifecycle& lifecycle;
        TextPool& pool;
        WarmUpState& warm_up;
        WarmUpHistory& history;
        std::optional<ipc::ModelCard>& card;
        Generations& generations;
        Log& log;
        // Has the replicas visit these shapes again, and calls back when they have.
        std::function<void(const ipc::RewarmRequest&, std::function<void()> done)> visit;
        std::function<void()> on_ready;
        std::function<void(const Failure&)> on_fatal;
    };
    explicit BringUp(Parts);

    void start(Operations&); // after the server accepts

    void on_load_progress(const ipc::LoadProgress&);
    void on_loaded(const ipc::Loaded&);
    void on_warm_up_progress(WarmUpStage, std::uint64_t done, std::uint64_t total);
    void on_warmed(const WarmUpOutcome&);
    void on_cold_hit(const ipc::ColdHit&); // before READY
    void stop();

private:
    boost::asio::awaitable<void> load_tokenizer();
    boost::asio::awaitable<void> prove();
    boost::asio::awaitable<std::optional<std::string>> rehearse();
    boost::asio::awaitable<std::optional<std::string>> verify(VerifyOptions);
    boost::asio::awaitable<void> visit_again(const ipc::RewarmRequest&);
    [[nodiscard]] ipc::RewarmRequest missed_shapes() const;
    [[nodiscard]] ipc::WarmUpReport report_so_far() const;
    void spawn(boost::asio::awaitable<void>, const char* what);
    void join();
    void serve();
    void keep();

    Parts parts_;
    Operations* operations_ = nullptr;
    boost::asio::steady_timer waiting_;
    std::optional<tokenizer::Tokenizer> tokenizer_;
    std::vector<std::uint64_t> rungs_;
    std::uint64_t lanes_ = 1;
    std::optional<Clock::time_point> warming_since_;
    std::optional<WarmUpOutcome> warmed_;
    std::vector<ipc::WarmUpCell> rehearsed_;
    std::optional<VerifyReport> verified_;
    std::vector<ipc::ColdHit> cold_;    // while it was verified
    std::optional<std::string> missed_; // why warm-up keeps not its promise
    bool filling_memory_ = false, joined_ = false, stopped_ = false;
};

} // namespace embedd::daemon
