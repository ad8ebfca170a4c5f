#include "daemon/computed_call.hpp"

#include <exception>
#include <new>
#include <utility>

namespace embedd::daemon {

namespace {

// Below these the hop to another thread costs more than the work (a token is about 1 µs of tokenizing).
constexpr std::size_t text_on_the_loop = 1024;
constexpr std::size_t floats_on_the_loop = 16 * 1024;

std::uint64_t microseconds_since(Clock::time_point then)
{
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - then).count());
}

template <class T>
ipc::Result<ipc::Answer> as_answer(ipc::Result<T> result)
{
    if (!result)
        return result.error();
    return ipc::Answer(*std::move(result));
}

} // namespace

ComputedCall::ComputedCall(Operations& all, Caller caller, ipc::Request request,
                           ByteBudget::Reservation memory, bool rehearsal, Operations::Answer answer)
    : all_(all), caller_(caller), request_(std::move(request)), memory_(std::move(memory)),
      rehearsal_(rehearsal), answer_(std::move(answer))
{
    if (request_.timeout)
        deadline_ = begun_ + *request_.timeout;
}

void ComputedCall::start()
{
    ++all_.under_way_;
    if (all_.gate_.open() || (rehearsal_ && !all_.stopping_))
        return pass_gate();

    auto ticket = all_.gate_.hold(request_.wait_ready, deadline_, begun_,
                                  [self = shared_from_this()](const std::optional<ipc::Error>& refusal) {
                                      self->held_.reset();
                                      if (refusal)
                                          self->refuse(*refusal);
                                      else
                                          self->pass_gate();
                                  });
    if (!ticket)
        return refuse(ticket.error());
    held_ = *ticket;
    all_.arm();
    all_.parts_.wanted();
}

void ComputedCall::abandon()
{
    if (over_)
        return;
    stop_.request_stop();
    if (held_)
        all_.gate_.forget(*held_);
    if (job_)
        served_->engine.cancel(*job_);
    if (!rehearsal_)
        all_.parts_.metrics.cancelled();
    leave();
}

void ComputedCall::pass_gate()
{
    served_ = all_.served_;
    if (!served_)
        return refuse({ipc::ErrorType::not_ready, "the model is still being loaded", 1000});
    if (late())
        return refuse({ipc::ErrorType::deadline_exceeded, "the time was over before work began", {}});
    step_ = Clock::now();
    if (text_bytes() <= text_on_the_loop) {
        prepare();
        return prepared();
    }
    all_.parts_.pool.run([self = shared_from_this()] { self->prepare(); },
                         [self = shared_from_this()] { self->prepared(); });
}

void ComputedCall::prepare()
{
    try {
        const auto stop = stop_.get_token();
        if (const auto* embed = std::get_if<ipc::EmbedRequest>(&request_.operation))
            prepared_ = daemon::prepare(*embed, served_->model, all_.parts_.options.auto_truncate, stop);
        else if (const auto* text = std::get_if<ipc::TokenizeRequest>(&request_.operation))
            text_answer_ = as_answer(tokenize(*text, served_->model, stop));
        else if (const auto* ids = std::get_if<ipc::DecodeRequest>(&request_.operation))
            text_answer_ = as_answer(decode(*ids, served_->model, stop));
    } catch (const std::exception&) {
        prepared_.reset();
        text_answer_ = ipc::Error{ipc::ErrorType::internal, "not enough memory for this request", {}};
    }
}

void ComputedCall::prepared()
{
    if (over_)
        return;
    timing_.tokenize_us = microseconds_since(step_);
    if (prepared_ && *prepared_)
        return queue();
    if (prepared_)
        return refuse(prepared_->error());
    if (!text_answer_)
        return refuse({ipc::ErrorType::unsupported, "this version does not do that", {}});
    if (!*text_answer_)
        return refuse(text_answer_->error());
    step_ = Clock::now();
    std::string header = ipc::to_header(request_.id, **text_answer_);
    if (const auto room = memory_.grow_to(header.size()); !room)
        return refuse(room.error());
    timing_.serialize_us = microseconds_since(step_);
    timing_.total_us = microseconds_since(begun_);
    if (!rehearsal_)
        all_.parts_.metrics.answered(ipc::op_name(request_.operation), timing_, 1, 0, false);
    finish({.frame = {std::move(header), {}}, .memory = std::move(memory_)});
}

void ComputedCall::queue()
{
    Prepared& ready = **prepared_;
    inputs_ = ready.inputs.size();
    if (const auto room = memory_.grow_to(memory_.bytes() + answer_bytes()); !room)
        return refuse(room.error());
    embedded_.truncated = std::move(ready.truncated);
    embedded_.tokens.reserve(inputs_);
    for (const ipc::TokenIds& ids : ready.inputs) {
        embedded_.tokens.push_back(static_cast<std::uint32_t>(ids.size()));
        tokens_ += ids.size();
    }
    std::get<ipc::EmbedRequest>(request_.operation).inputs.clear();
    Job job{.owner = caller_.owner,
            .priority = request_.priority,
            .deadline = deadline_,
            .inputs = std::move(ready.inputs)};
    job_ = served_->engine.submit(std::move(job), [self = shared_from_this()](ipc::Result<JobResult> result) {
        self->job_.reset();
        if (self->over_)
            return;
        if (result)
            self->computed(*std::move(result));
        else
            self->refuse(result.error());
    });
}

void ComputedCall::computed(JobResult result)
{
    cold_ = result.cold;
    timing_.queue_us = static_cast<std::uint64_t>(result.queued.count());
    timing_.forward_us = static_cast<std::uint64_t>(result.forward.count());
    rows_ = std::move(result.rows);
    embedded_.rows = inputs_;
    embedded_.dims = (*prepared_)->format.dims;
    embedded_.dtype = (*prepared_)->format.type;
    embedded_.model = served_->model.card.model.fingerprint;
    step_ = Clock::now();
    if (rows_.size() <= floats_on_the_loop) {
        serialize();
        return reply();
    }
    all_.parts_.pool.run([self = shared_from_this()] { self->serialize(); },
                         [self = shared_from_this()] { self->reply(); });
}

void ComputedCall::serialize()
{
    try {
        payload_ = format_vectors(rows_, inputs_ == 0 ? 0 : rows_.size() / inputs_, (*prepared_)->format);
    } catch (const std::bad_alloc&) {
        payload_.reset();
    }
}

void ComputedCall::reply()
{
    if (over_)
        return;
    if (!payload_)
        return refuse({ipc::ErrorType::internal, "not enough memory for this answer", {}});
    timing_.serialize_us = microseconds_since(step_);
    timing_.total_us = microseconds_since(begun_);
    embedded_.timing = timing_;
    if (!rehearsal_)
        all_.parts_.metrics.answered("embed", timing_, inputs_, tokens_, cold_);
    ipc::Frame frame{ipc::to_header(request_.id, std::move(embedded_)), *std::move(payload_)};
    memory_.shrink_to(frame.header.size() + frame.payload.size());
    finish({.frame = std::move(frame), .tokens = tokens_, .memory = std::move(memory_)});
}

void ComputedCall::refuse(const ipc::Error& error)
{
    if (!rehearsal_)
        all_.parts_.metrics.refused(error.type);
    finish({.frame = {ipc::to_header(request_.id, error), {}}, .refused = true});
}

void ComputedCall::finish(CallOutcome outcome)
{
    const auto answer = std::move(answer_);
    leave();
    answer(std::move(outcome));
}

void ComputedCall::leave()
{
    over_ = true;
    answer_ = nullptr;
    --all_.under_way_;
}

std::size_t ComputedCall::text_bytes() const
{
    std::size_t bytes = 0;
    if (const auto* embed = std::get_if<ipc::EmbedRequest>(&request_.operation)) {
        for (const ipc::Input& input : embed->inputs)
            if (const auto* text = std::get_if<std::string>(&input))
                bytes += text->size();
        if (embed->prompt)
            bytes += embed->prompt->size() * embed->inputs.size();
    } else {
        bytes = memory_.bytes();
    }
    return bytes;
}

// Vectors are computed as floats, whatever type was asked for, and that is what they hold until they are
// sent.
std::size_t ComputedCall::answer_bytes() const
{
    constexpr std::size_t in_the_header = 16; // of an input: its tokens, and its index where it was cut
    return inputs_ * (served_->model.card.model.dimensions * sizeof(float) + in_the_header);
}

bool ComputedCall::late() const
{
    return deadline_ && Clock::now() >= *deadline_;
}

} // namespace embedd::daemon
