#include "console/embedctl/bulk_embed.hpp"

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace embedd::console {

namespace {

// Texts of one request are bounded in bytes too, well below what a daemon takes by default.
constexpr std::size_t request_bytes = 4 << 20;

class BulkEmbed {
public:
    BulkEmbed(const BulkOptions& options, const std::function<std::optional<std::string>()>& next,
              const std::function<void(Rows)>& take)
        : options_(options), next_(next), take_(take)
    {
    }

    std::optional<ipc::CallFailure> run()
    {
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < options_.requests_in_flight; ++i)
                threads.emplace_back([this] { work(); });
        }
        if (broken_)
            std::rethrow_exception(broken_);
        return failure_;
    }

private:
    struct Piece {
        std::uint64_t ticket = 0;
        std::uint64_t first = 0;
        std::vector<ipc::Input> texts;
    };

    void work()
    {
        ipc::Client client{options_.client};
        while (auto piece = take_piece()) {
            ipc::EmbedRequest embed = options_.request;
            const auto count = piece->texts.size();
            embed.inputs = std::move(piece->texts);
            ipc::Request request;
            request.operation = std::move(embed);
            request.priority = options_.priority;
            auto frame = client.call(std::move(request));
            deliver(*piece, count, std::move(frame));
        }
    }

    std::optional<Piece> take_piece()
    {
        std::unique_lock lock{mutex_};
        // A stalled first answer must not let the others pile up behind it.
        moved_.wait(lock,
                    [this] { return ended() || tickets_ - delivered_ < 2 * options_.requests_in_flight; });
        if (ended())
            return std::nullopt;
        Piece piece{.ticket = tickets_, .first = texts_, .texts = {}};
        try {
            for (std::size_t bytes = 0;
                 piece.texts.size() < options_.texts_a_request && bytes < request_bytes;) {
                auto text = next_();
                if (!text) {
                    exhausted_ = true;
                    break;
                }
                bytes += text->size();
                piece.texts.emplace_back(std::move(*text));
            }
        } catch (...) {
            give_up(std::current_exception());
            return std::nullopt;
        }
        if (piece.texts.empty()) {
            moved_.notify_all();
            return std::nullopt;
        }
        ++tickets_;
        texts_ += piece.texts.size();
        return piece;
    }

    void deliver(const Piece& piece, std::size_t count, ipc::CallResult<ipc::Frame> frame)
    {
        auto embeddings = read(std::move(frame), count);
        const std::lock_guard lock{mutex_};
        if (!embeddings) {
            if (!failure_) {
                failure_ = std::move(embeddings).error();
                failure_->error.message = "texts " + std::to_string(piece.first) + " to " +
                                          std::to_string(piece.first + count - 1) + ": " +
                                          failure_->error.message;
            }
            moved_.notify_all();
            return;
        }
        waiting_.emplace(piece.ticket, Rows{piece.first, std::move(*embeddings)});
        try {
            for (auto it = waiting_.begin(); it != waiting_.end() && it->first == delivered_; ++delivered_) {
                take_(std::move(it->second));
                it = waiting_.erase(it);
            }
        } catch (...) {
            give_up(std::current_exception());
        }
        moved_.notify_all();
    }

    static ipc::CallResult<ipc::Embeddings> read(ipc::CallResult<ipc::Frame> frame, std::size_t count)
    {
        if (!frame)
            return frame.error();
        auto reply = ipc::parse_reply<ipc::EmbedReply>(frame->header);
        if (!reply)
            return ipc::CallFailure{.link = {}, .error = reply.error()};
        if (reply->rows != count)
            return ipc::CallFailure{
                .link = ipc::LinkFault::malformed,
                .error = {ipc::ErrorType::internal, "the answer has the wrong number of rows", {}}};
        return ipc::Embeddings{std::move(*reply), std::move(frame->payload)};
    }

    void give_up(std::exception_ptr why)
    {
        broken_ = std::move(why);
        moved_.notify_all();
    }

    [[nodiscard]] bool ended() const { return exhausted_ || failure_ || broken_; }

    const BulkOptions& options_;
    const std::function<std::optional<std::string>()>& next_;
    const std::function<void(Rows)>& take_;

    std::mutex mutex_;
    std::condition_variable moved_;
    std::uint64_t tickets_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t texts_ = 0;
    std::map<std::uint64_t, Rows> waiting_; // answered before an earlier one
    bool exhausted_ = false;
    std::optional<ipc::CallFailure> failure_;
    std::exception_ptr broken_;
};

} // namespace

std::optional<ipc::CallFailure> bulk_embed(const BulkOptions& options,
                                           const std::function<std::optional<std::string>()>& next,
                                           const std::function<void(Rows)>& take)
{
    return BulkEmbed{options, next, take}.run();
}

} // namespace embedd::console
