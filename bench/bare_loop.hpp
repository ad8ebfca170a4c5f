#pragma once

#include "bench/child.hpp"
#include "bench/shapes.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::bench {

// The lines spoken with `embedd-worker --bare-loop`: to it the token counts of one request's inputs, from it
// that it is loaded, and then what each request took.
[[nodiscard]] std::string request_line(const Shape&);                                    // 12,40,7
[[nodiscard]] bool says_loaded(std::string_view line);                                   // {"loaded":true}
[[nodiscard]] std::optional<std::chrono::microseconds> time_from(std::string_view line); // {"us":1234}

// A model in a process of its own that computes one request after the other, as a program does that uses
// libtorch directly. It ends with this object. What goes wrong is a std::runtime_error that names the
// program.
class BareLoop {
public:
    // Returns once the model is loaded. Each answer is waited for `limit` at most.
    explicit BareLoop(const std::vector<std::string>& command,
                      std::chrono::milliseconds limit = std::chrono::minutes{2});
    ~BareLoop();
    BareLoop(const BareLoop&) = delete;
    BareLoop& operator=(const BareLoop&) = delete;

    [[nodiscard]] std::chrono::microseconds to_loaded() const noexcept { return to_loaded_; } // from exec
    [[nodiscard]] std::chrono::microseconds ask(const Shape&); // as the loop itself measured the pass

private:
    [[nodiscard]] std::string next_line();

    std::string program_;
    std::chrono::milliseconds limit_;
    std::string received_; // and not read yet
    int socket_ = -1;
    std::optional<Child> child_;
    std::chrono::microseconds to_loaded_{};
};

} // namespace embedd::bench
