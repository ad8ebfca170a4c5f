#pragma once

#include "daemon/engine.hpp"
#include "daemon/inputs.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/operations.hpp"
#include "daemon/options.hpp"
#include "daemon/status_report.hpp"
#include "daemon/text_pool.hpp"
#include "daemon/warm_up_history.hpp"

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
        std::optional<ipc::ModelCard>& card;
        Log& log;
        std::function<void()> on_ready;
        std::function<void(const Failure&)> on_fatal;
    };
    explicit BringUp(Parts);

    void start(Operations&); // after the server accepts

    void on_load_progress(const ipc::LoadProgress&);
    void on_loaded(const ipc::Loaded&);
    void on_warm_up_progress(const ipc::WarmUpProgress&);
    void on_warmed(const ipc::Warmed&);
    void stop();

private:
    boost::asio::awaitable<void> load_tokenizer();
    boost::asio::awaitable<void> prove();
    void spawn(boost::asio::awaitable<void>, const char* what);
    void join();
    void serve();
    void keep();

    Parts parts_;
    Operations* operations_ = nullptr;
    WarmUpHistory history_;
    boost::asio::steady_timer waiting_;
    std::optional<tokenizer::Tokenizer> tokenizer_;
    std::optional<ipc::Warmed> warmed_;
    bool joined_ = false, stopped_ = false;
};

} // namespace embedd::daemon
