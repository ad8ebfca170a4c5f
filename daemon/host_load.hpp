#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>

namespace embedd::daemon {

// What the lanes of an engine have to do for clients.
struct EngineLoad {
    std::uint64_t jobs = 0;          // that wait or run
    std::uint64_t batches_given = 0; // since it began
    std::uint64_t lanes = 0;         // of its replicas that serve
};

// The engines of one daemon, which share the host's cores: a model that is warmed beside another one leaves
// the lanes to the clients of both. Event loop's thread only.
class HostLoad {
    using Read = std::function<EngineLoad()>;
    using Engines = std::list<Read>;

public:
    // An engine's part in it, from its birth to its end.
    class Member {
    public:
        Member(std::shared_ptr<HostLoad> host, Read read)
            : host_(std::move(host)), self_(host_->engines_.insert(host_->engines_.end(), std::move(read)))
        {
        }
        ~Member() { host_->engines_.erase(self_); }
        Member(const Member&) = delete;
        Member& operator=(const Member&) = delete;

    private:
        std::shared_ptr<HostLoad> host_;
        Engines::iterator self_;
    };

    [[nodiscard]] EngineLoad sum() const
    {
        EngineLoad sum;
        for (const auto& read : engines_) {
            const auto load = read();
            sum.jobs += load.jobs;
            sum.batches_given += load.batches_given;
            sum.lanes += load.lanes;
        }
        return sum;
    }

private:
    Engines engines_;
};

} // namespace embedd::daemon
