#include "daemon/inputs.hpp"

#include <algorithm>
#include <utility>

namespace embedd::daemon {

namespace {

using ipc::Error;
using ipc::ErrorType;

Error refusal(ErrorType type, std::size_t index, const std::string& why)
{
    return {type, "inputs[" + std::to_string(index) + "] " + why, {}};
}

Error stopped()
{
    return {ErrorType::internal, "given up: the client left", {}};
}

Error translate(const tokenizer::Failure& failure, std::size_t index)
{
    switch (failure.code) {
    case tokenizer::Errc::text_not_utf8:
        return refusal(ErrorType::bad_request, index,
                       "is not UTF-8 from byte " + std::to_string(failure.offset));
    case tokenizer::Errc::limit_too_low:
    case tokenizer::Errc::file_refused:
    case tokenizer::Errc::failed:
        return refusal(ErrorType::internal, index, "cannot be tokenized: " + failure.detail);
    }
    return stopped();
}

std::string names_of(const std::map<std::string, std::string>& prompts)
{
    if (prompts.empty())
        return "this model has none";
    std::string names;
    for (const auto& [name, text] : prompts)
        names += (names.empty() ? "it may be " : ", ") + name;
    return names;
}

ipc::Result<std::string> prompt_of(const ipc::EmbedRequest& request, const ipc::ModelCard& card)
{
    if (request.prompt)
        return *request.prompt;
    const std::string& name = request.prompt_name ? *request.prompt_name : card.default_prompt_name;
    const auto found = card.prompts.find(name);
    if (found != card.prompts.end())
        return found->second;
    if (request.prompt_name)
        return Error{ErrorType::bad_request, "prompt_name is unknown: " + names_of(card.prompts), {}};
    return std::string();
}

ipc::Result<VectorFormat> format_of(const ipc::EmbedRequest& request, const ipc::ModelCard& card)
{
    const std::uint64_t model_dims = card.model.dimensions;
    const std::uint64_t dims = request.dimensions.value_or(static_cast<std::uint32_t>(model_dims));
    if (dims == 0 || dims > model_dims)
        return Error{ErrorType::bad_request, "dimensions must be 1 to " + std::to_string(model_dims), {}};
    if (request.dtype == ipc::VectorType::ubinary && dims % 8 != 0)
        return Error{ErrorType::bad_request, "dimensions must be a multiple of 8 for ubinary", {}};
    return VectorFormat{
        .dims = dims, .normalize = request.normalize.value_or(card.normalize), .type = request.dtype};
}

std::optional<Error> fault_of_ids(const ipc::TokenIds& ids, const ipc::ModelCard& card, std::size_t index)
{
    if (ids.empty())
        return refusal(ErrorType::bad_request, index, "has no token ids");
    const auto bad =
        std::ranges::find_if(ids, [&](std::int32_t id) { return id < 0 || id >= card.vocabulary; });
    if (bad == ids.end())
        return std::nullopt;
    return refusal(ErrorType::bad_request, index,
                   "has a token id out of range: ids are 0 to " + std::to_string(card.vocabulary - 1));
}

// Whether ids longer than the limit were cut to it.
bool cut(ipc::TokenIds& ids, std::size_t limit, ipc::TruncationDirection dropped)
{
    if (ids.size() <= limit)
        return false;
    if (dropped == ipc::TruncationDirection::left)
        ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(limit));
    else
        ids.resize(limit);
    return true;
}

tokenizer::TruncationDirection side_of(ipc::TruncationDirection direction)
{
    return direction == ipc::TruncationDirection::left ? tokenizer::TruncationDirection::left
                                                       : tokenizer::TruncationDirection::right;
}

} // namespace

ipc::Result<Prepared> prepare(const ipc::EmbedRequest& request, const ServedModel& served, bool auto_truncate,
                              std::stop_token stop)
{
    if (request.inputs.empty())
        return Error{ErrorType::bad_request, "inputs is empty", {}};
    auto prompt = prompt_of(request, served.card);
    if (!prompt)
        return prompt.error();
    const auto format = format_of(request, served.card);
    if (!format)
        return format.error();

    const std::size_t limit = served.card.model.max_tokens;
    Prepared prepared{.inputs = {}, .truncated = {}, .format = *format};
    prepared.inputs.reserve(request.inputs.size());
    for (std::size_t index = 0; index < request.inputs.size(); ++index) {
        if (stop.stop_requested())
            return stopped();
        ipc::TokenIds ids;
        bool was_cut = false;
        if (const auto* text = std::get_if<std::string>(&request.inputs[index])) {
            auto encoding =
                served.tokenizer.encode(prompt->empty() ? *text : *prompt + *text, limit,
                                        side_of(request.truncation_direction), tokenizer::Special::add);
            if (!encoding)
                return translate(encoding.error(), index);
            ids = std::move(encoding->ids);
            was_cut = encoding->truncated;
        } else {
            ids = std::get<ipc::TokenIds>(request.inputs[index]);
            if (auto fault = fault_of_ids(ids, served.card, index))
                return *std::move(fault);
            was_cut = cut(ids, limit, request.truncation_direction);
        }
        if (was_cut && !request.truncate.value_or(auto_truncate))
            return refusal(ErrorType::input_too_long, index,
                           "has more than " + std::to_string(limit) + " tokens, and truncation is off");
        if (ids.empty())
            return refusal(ErrorType::bad_request, index, "has no tokens");
        if (was_cut)
            prepared.truncated.push_back(static_cast<std::uint32_t>(index));
        prepared.inputs.push_back(std::move(ids));
    }
    return prepared;
}

ipc::Result<ipc::TokenizeReply> tokenize(const ipc::TokenizeRequest& request, const ServedModel& served,
                                         std::stop_token stop)
{
    const auto special = request.add_special_tokens ? tokenizer::Special::add : tokenizer::Special::skip;
    ipc::TokenizeReply reply;
    for (std::size_t index = 0; index < request.inputs.size(); ++index) {
        if (stop.stop_requested())
            return stopped();
        const auto tokens = served.tokenizer.tokenize(request.inputs[index], special);
        if (!tokens)
            return translate(tokens.error(), index);
        auto& list = reply.tokens.emplace_back();
        list.reserve(tokens->size());
        for (const tokenizer::Token& token : *tokens) {
            auto& info = list.emplace_back();
            info.id = token.id;
            info.text = served.tokenizer.token_text(token.id).value_or("");
            info.special = token.special;
            if (token.end > token.begin) {
                info.start = token.begin;
                info.stop = token.end;
            }
        }
    }
    return reply;
}

ipc::Result<ipc::DecodeReply> decode(const ipc::DecodeRequest& request, const ServedModel& served,
                                     std::stop_token stop)
{
    const auto special = request.skip_special_tokens ? tokenizer::Special::skip : tokenizer::Special::add;
    ipc::DecodeReply reply;
    for (std::size_t index = 0; index < request.ids.size(); ++index) {
        if (stop.stop_requested())
            return stopped();
        auto text = served.tokenizer.decode(request.ids[index], special);
        if (!text)
            return translate(text.error(), index);
        reply.texts.push_back(*std::move(text));
    }
    return reply;
}

} // namespace embedd::daemon
