#include "model/failure.hpp"

#include <boost/throw_exception.hpp>

#include <stdexcept>

namespace embedd::model {

Failure refused(const std::filesystem::path& file, std::string_view fault)
{
    return {Errc::file_refused, file.string() + ": " + std::string(fault)};
}

std::string in_quotes(std::string_view name)
{
    constexpr std::size_t longest = 120;
    std::string text = "'";
    for (const char c : name.substr(0, longest))
        text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return text + (name.size() > longest ? "...'" : "'");
}

void throw_exception_from_error(const Failure& failure, const boost::source_location& where)
{
    boost::throw_exception(std::logic_error(failure.detail), where);
}

} // namespace embedd::model
