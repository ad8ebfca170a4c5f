#pragma once

#include "model/backend.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/channel.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

namespace embedd::model {

// The threads that compute batches, each one alone.
//
// They take turns at reading the channel (leader and followers): the one that read a batch lets the next one
// read, computes and answers, so that no batch changes threads.
class Lanes {
public:
    Lanes(Channel& channel, Activity& activity, Encoder& encoder, Ladder ladder, std::int64_t vocabulary);

    // Uses the calling thread as the first of `lanes`. Returns never: the process ends from within.
    [[noreturn]] void run(std::size_t lanes);

private:
    void start(std::size_t lane); // a thread's life as a lane
    void serve(std::size_t lane);
    void compute(std::size_t lane, const ipc::RunBatch& request, std::span<const std::byte> payload);
    void visit(std::size_t lane, const ipc::VisitShape& request);
    void refuse(std::uint64_t batch, const Failure& why);
    void refuse(std::uint64_t batch, ipc::BatchFault fault, const std::string& why);
    [[noreturn]] void stop();

    Channel& channel_;
    Activity& activity_;
    Encoder& encoder_;
    Ladder ladder_;
    std::int64_t vocabulary_;
    std::mutex turn_; // to read the channel
};

} // namespace embedd::model
