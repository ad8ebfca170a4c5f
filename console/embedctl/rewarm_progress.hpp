#pragma once

#include "ipc/reply.hpp"

#include <cstdint>
#include <cstdio>
#include <map>

namespace embedd::console {

// Shows how far a re-warm is: on a terminal one line that is rewritten and wiped at the end, elsewhere a line
// a replica for each 10 % it gets on.
class RewarmProgress {
public:
    enum class Style : std::uint8_t { rewritten, lines };

    RewarmProgress(std::FILE* out, Style style);
    ~RewarmProgress();
    RewarmProgress(const RewarmProgress&) = delete;
    RewarmProgress& operator=(const RewarmProgress&) = delete;

    void show(const ipc::Progress&);

private:
    std::FILE* const out_;
    const Style style_;
    std::map<std::uint64_t, unsigned> tenths_; // shown, by replica
    bool visible_ = false;
};

} // namespace embedd::console
