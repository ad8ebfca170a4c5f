#pragma once

#include <vector>

namespace embedd::console {

// The signals a program on a terminal gets, as events of a descriptor. Made before any thread, so that no
// thread is interrupted by one.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    [[nodiscard]] int readable() const noexcept { return descriptor_; }
    [[nodiscard]] std::vector<int> take(); // never waits

    // Stops the process as Ctrl-Z does, and returns when it goes on; at once where nobody could continue it.
    static void stop();
    // Ends the process by that signal, as its parent expects.
    [[noreturn]] static void die_of(int number);

private:
    int descriptor_;
};

[[nodiscard]] bool ends_the_program(int number) noexcept;

} // namespace embedd::console
