#include "console/embedctl/bulk_embed.hpp"
#include "console/embedctl/commands.hpp"
#include "console/embedctl/npy_writer.hpp"
#include "console/embedctl/progress_bar.hpp"
#include "console/embedctl/text_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <system_error>

namespace embedd::console {

namespace {

// {"index":0,"tokens":5,"truncated":false,"embedding":[0.1,…]}: floats in the fewest digits that read back
// the same.
std::string json_line(std::uint64_t index, std::uint32_t tokens, bool truncated,
                      std::span<const float> vector)
{
    auto line = "{\"index\":" + std::to_string(index) + ",\"tokens\":" + std::to_string(tokens) +
                ",\"truncated\":" + (truncated ? "true" : "false") + ",\"embedding\":[";
    std::array<char, 32> digits{};
    for (const float number : vector) {
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        line.append(digits.data(), end);
        line += ',';
    }
    if (!vector.empty())
        line.pop_back();
    return line + "]}\n";
}

void print_rows(const Rows& rows)
{
    const auto& reply = rows.embeddings.reply;
    const auto floats = ipc::float_rows(reply, rows.embeddings.payload);
    if (!floats || reply.tokens.size() != reply.rows)
        throw std::runtime_error("the answer's vectors do not fit its shape");
    for (std::size_t row = 0; row < reply.rows; ++row) {
        const auto truncated =
            std::find(reply.truncated.begin(), reply.truncated.end(), row) != reply.truncated.end();
        const auto line = json_line(rows.first + row, reply.tokens[row], truncated,
                                    std::span{*floats}.subspan(row * reply.dims, reply.dims));
        if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size())
            throw std::system_error(errno, std::generic_category(), "cannot write to standard output");
    }
}

// ubinary packs eight dimensions into a number.
std::uint64_t numpy_columns(const ipc::EmbedReply& reply)
{
    return reply.dtype == ipc::VectorType::ubinary ? reply.dims / 8 : reply.dims;
}

std::optional<TextSource> open_source(const EmbedOptions& options)
{
    if (!options.texts.empty())
        return TextSource{options.texts};
    return TextSource::open(options.input.value_or("-"));
}

ExitCode run(const Target& target, const EmbedOptions& options, TextSource& source)
{
    auto client = locate(target);
    if (!client)
        return report(client.error());
    const BulkOptions bulk{.client = *client,
                           .request = options.request,
                           .priority = options.priority,
                           .texts_a_request = options.texts_a_request,
                           .requests_in_flight = options.requests_in_flight};
    std::optional<NpyWriter> file;
    if (options.output)
        file.emplace(*options.output, options.request.dtype);
    ProgressBar progress;
    const auto failure = bulk_embed(
        bulk, [&] { return source.next(); },
        [&](const Rows& rows) {
            const auto& reply = rows.embeddings.reply;
            if (file)
                file->append(reply.rows, numpy_columns(reply), rows.embeddings.payload);
            else
                print_rows(rows);
            progress.update(source.consumed(), source.total(), rows.first + reply.rows);
        });
    if (failure)
        return report(*failure);
    if (!source.error().empty())
        throw std::runtime_error(source.error());
    if (file)
        file->finish();
    if (std::fflush(stdout) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot write to standard output");
    return ExitCode::ok;
}

} // namespace

ExitCode embed_command(const Target& target, const EmbedOptions& options)
{
    if (!options.texts.empty() && options.input)
        return report_usage("give texts or --input, not both");
    if (!options.output && options.request.dtype != ipc::VectorType::float32)
        return report_usage("--dtype needs --output FILE.npy: JSON lines carry float32");
    if (options.output && numpy_type(options.request.dtype).empty())
        return report_usage("numpy has no bfloat16: take float32 or float16 with --output");
    if (options.texts.empty() && !options.input && ::isatty(STDIN_FILENO) == 1)
        return report_usage("no texts: give them as arguments, with --input FILE or on standard input");
    auto source = open_source(options);
    if (!source) {
        std::fprintf(stderr, "embedctl: cannot read %s: %s\n", options.input.value_or("-").c_str(),
                     std::strerror(errno));
        return ExitCode::failed;
    }
    try {
        return run(target, options, *source);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "embedctl: %s\n", e.what());
        return ExitCode::failed;
    }
}

} // namespace embedd::console
