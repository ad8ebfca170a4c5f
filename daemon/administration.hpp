#pragma once

#include "daemon/operations.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace embedd::daemon {

class Draining;
class Generations;
class Log;
class Reloading;
class Rewarming;

// What operators may ask for and others may not: re-warm, reload, drain, resume, and to have a replica
// restarted. Every act is written to the log with who asked for it. Event loop's thread only.
class Administration {
public:
    struct Parts {
        Rewarming& rewarming;
        Reloading& reloading;
        Draining& draining;
        Generations& generations;
        Metrics& metrics;
        Log& log;
    };
    explicit Administration(Parts parts) : parts_(parts) {}

    // The names of these ops: what `may` lists.
    [[nodiscard]] static std::span<const std::string_view> ops();

    // Nothing: the request is not one of ours, and the answer was not touched. As Operations::begin else.
    [[nodiscard]] std::shared_ptr<Call> begin(const Caller&, const ipc::Request&, const Operations::Answer&);

private:
    void rewarm(const std::shared_ptr<ProgressCall>&, const std::string& who, const ipc::RewarmRequest&);
    void reload(const std::shared_ptr<ProgressCall>&, const std::string& who, const ipc::ReloadRequest&);
    void drain(const std::shared_ptr<ProgressCall>&, const std::string& who);
    void resume(const std::shared_ptr<ProgressCall>&, const std::string& who);
    void restart(const std::shared_ptr<ProgressCall>&, const std::string& who,
                 const ipc::RestartReplicaRequest&);

    Parts parts_;
};

} // namespace embedd::daemon
