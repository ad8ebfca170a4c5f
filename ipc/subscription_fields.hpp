#pragma once

#include "ipc/sample_columns.hpp"
#include "ipc/status_fields.hpp"

#include <optional>

// A message of a subscription as it travels. Private to ipc/.
namespace embedd::ipc {

struct SubscriptionMessage {
    Status status;
    std::optional<SampleColumns> history;
};

template <class V, Of<SubscriptionMessage> M>
void describe(V& v, M& m)
{
    v("status", m.status);
    v("history", m.history);
}

} // namespace embedd::ipc
