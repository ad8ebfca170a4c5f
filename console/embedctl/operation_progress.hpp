#pragma once

#include "ipc/reply.hpp"

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

namespace embedd::console {

// Shows how far the daemon is with what an operator asked for: on a terminal one line that is rewritten and
// wiped at the end, elsewhere a line for each step that begins and, where it can be counted, for each 10 % a
// replica gets on.
class OperationProgress {
public:
    enum class Style : std::uint8_t { rewritten, lines };

    OperationProgress(std::FILE* out, Style style);
    ~OperationProgress();
    OperationProgress(const OperationProgress&) = delete;
    OperationProgress& operator=(const OperationProgress&) = delete;

    [[nodiscard]] static Style style_of(std::FILE* out); // rewritten where it is a terminal

    void show(const ipc::Progress&);

private:
    std::FILE* const out_;
    const Style style_;
    std::map<std::pair<std::uint64_t, std::string>, unsigned> tenths_; // shown, by replica and step
    bool visible_ = false;
};

} // namespace embedd::console
