#pragma once

#include "daemon/generations.hpp"
#include "daemon/lifecycle.hpp"
#include "daemon/options.hpp"
#include "daemon/status_report.hpp"
#include "daemon/text_pool.hpp"
#include "daemon/warm_up_history.hpp"
#include "daemon/warm_up_run.hpp"
#include "ipc/reply.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace embedd::daemon {

class Log;
class Notify;
class Operations;
class Rewarming;

// Changes the model of a service that serves: the new one is loaded and warmed beside the old one, requests
// are bound to it from one moment on, and the old one ends with its own. What fails leaves the old one
// serving. One at a time; who asked may leave, it goes on. Event loop's thread only.
class Reloading {
public:
    using OnProgress = std::function<void(const ipc::Progress&)>;
    using Done = std::function<void(const ipc::Result<ipc::ReloadReply>&)>;

    struct Parts {
        boost::asio::any_io_executor executor;
        const Options& options;
        Generations& generations;
        Operations& operations;
        Rewarming& rewarming;
        TextPool& pool;
        Lifecycle& lifecycle;
        Notify& notify;
        WarmUpState& warm_up;
        WarmUpHistory& history;
        std::optional<ipc::ModelCard>& card;
        ipc::ReloadStatus& status;
        Clock::time_point exec;
        Log& log;
        std::function<EngineOptions(const std::filesystem::path& model)> engine_options;
        std::function<EngineEvents()> engine_events;  // of an engine that serves
        std::function<void(const Failure&)> on_fatal; // in place, and neither model can be brought back
    };
    explicit Reloading(Parts);

    [[nodiscard]] bool under_way() const noexcept { return under_way_; }
    // Whether it may be loaded and there is room for it.
    [[nodiscard]] ipc::Result<ipc::ReloadReply> check(const ipc::ReloadRequest&) const;

    // `who` asked, for the log. Neither function is called from within; done exactly once unless it is
    // refused.
    [[nodiscard]] ipc::Result<void> start(const ipc::ReloadRequest&, const std::string& who, OnProgress,
                                          Done);
    void stop();

private:
    struct Arrival; // a model on its way
    struct Asked {
        ipc::ReloadReply reply; // as far as it is known
        bool in_place = false;
        Clock::time_point begun;
        OnProgress on_progress;
        Done done;
    };

    boost::asio::awaitable<void> run();
    boost::asio::awaitable<void> end_old();
    boost::asio::awaitable<ipc::Result<void>> bring(std::filesystem::path model);
    [[nodiscard]] EngineEvents events_for(const std::shared_ptr<Arrival>&);
    void take_over(const Arrival&, tokenizer::Tokenizer, const std::filesystem::path& model);
    void keep();
    void moved(Arrival&, const std::string& name, std::uint64_t done, std::uint64_t total);
    void step(const std::string& name, std::uint64_t done, std::uint64_t total);
    void finish(const ipc::Result<void>&);

    Parts parts_;
    std::filesystem::path served_;
    boost::asio::steady_timer waiting_;
    std::optional<Asked> asked_;
    bool under_way_ = false, stopped_ = false;
};

} // namespace embedd::daemon
