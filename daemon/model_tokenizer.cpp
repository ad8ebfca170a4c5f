#include "daemon/model_tokenizer.hpp"

#include "daemon/program_path.hpp"
#include "daemon/tokenizer_proof.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>

namespace embedd::daemon {

namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds proof_deadline{20};

} // namespace

asio::awaitable<Result<tokenizer::Tokenizer>> load_tokenizer(asio::any_io_executor executor, TextPool& pool,
                                                             std::filesystem::path model)
{
    const auto file = model / "tokenizer.json";
    const auto program = companion_program("embedd-tokenizer-proof");
    if (!program)
        co_return program.error();
    const auto proven = co_await prove_tokenizer(executor, *program, file, proof_deadline);
    if (!proven)
        co_return proven.error();

    struct Loading {
        explicit Loading(const asio::any_io_executor& executor)
            : over(executor, asio::steady_timer::time_point::max())
        {
        }
        asio::steady_timer over;
        std::optional<tokenizer::Result<tokenizer::Tokenizer>> result;
    };
    const auto loading = std::make_shared<Loading>(executor);
    pool.run([loading, file] { loading->result.emplace(tokenizer::Tokenizer::load(file)); },
             [loading] { loading->over.cancel(); });
    co_await loading->over.async_wait(as_result);
    if (!*loading->result)
        co_return Failure{ExitCode::configuration, file.string() + ": " + loading->result->error().detail};
    co_return std::move(**loading->result);
}

std::optional<Failure> mismatch(const tokenizer::Tokenizer& tokenizer, std::uint64_t vocabulary,
                                const std::filesystem::path& model)
{
    if (tokenizer.largest_id() < vocabulary)
        return std::nullopt;
    return Failure{ExitCode::configuration, (model / "tokenizer.json").string() + ": its largest id " +
                                                std::to_string(tokenizer.largest_id()) +
                                                " is beyond the model's vocabulary of " +
                                                std::to_string(vocabulary)};
}

} // namespace embedd::daemon
