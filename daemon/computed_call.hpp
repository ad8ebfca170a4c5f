#pragma once

#include "daemon/operations.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <variant>

namespace embedd::daemon {

// A request that needs the model: gate, tokenizer, queue, vectors. It counts itself among what is under way
// until it is answered or abandoned, and holds itself until the last step it waits for came back.
class ComputedCall : public Call, public std::enable_shared_from_this<ComputedCall> {
public:
    ComputedCall(Operations&, Caller, ipc::Request, ByteBudget::Reservation, bool rehearsal,
                 Operations::Answer);

    void start();
    void abandon() override;

private:
    void pass_gate();
    void prepare();
    void prepared();
    void queue();
    void computed(JobResult);
    void serialize();
    void reply();
    void refuse(const ipc::Error&);
    void finish(CallOutcome);
    void leave();
    [[nodiscard]] std::size_t text_bytes() const;
    [[nodiscard]] std::size_t answer_bytes() const;
    [[nodiscard]] bool late() const;

    Operations& all_;
    Caller caller_;
    ipc::Request request_;
    ByteBudget::Reservation memory_;
    bool rehearsal_;
    Operations::Answer answer_;
    bool over_ = false;
    std::stop_source stop_;

    Clock::time_point begun_ = Clock::now(), step_;
    std::optional<Clock::time_point> deadline_;
    std::optional<Gate::Ticket> held_;
    std::optional<JobId> job_;

    // Written on the pool while nobody on the loop looks, handed over by its completion.
    std::shared_ptr<const Generation> served_;
    std::optional<ipc::Result<Prepared>> prepared_;
    std::optional<ipc::Result<ipc::Answer>> text_answer_;
    std::vector<float> rows_;
    std::optional<std::vector<std::byte>> payload_; // nothing: there was no memory for it

    ipc::EmbedReply embedded_;
    ipc::Timing timing_;
    std::uint64_t inputs_ = 0, tokens_ = 0;
    bool cold_ = false;
};

} // namespace embedd::daemon
