#pragma once

#include "console/screen/grid.hpp"
#include "console/screen/keys.hpp"

#include <memory>
#include <stdexcept>
#include <vector>

namespace embedd::console {

// A terminal of which nothing is known.
class UnknownTerminal : public std::runtime_error {
public:
    UnknownTerminal() : std::runtime_error("no terminal to draw on: set TERM, or use --once") {}
};

// The terminal of standard input and output while the screen is drawn on it: taken by the constructor, given
// back by the destructor as it was. One at a time, for one thread.
class Terminal {
public:
    explicit Terminal(bool colours); // throws UnknownTerminal
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    [[nodiscard]] screen::Size size() const;

    // Only what differs from the grid drawn before is sent.
    void draw(const screen::Grid&);
    void redraw(); // the next draw sends everything
    void fit();    // to the size the terminal has now

    // What was pressed and not read yet; never waits.
    [[nodiscard]] std::vector<screen::Key> keys();

    // For as long as another program has it. retake() also after a stop that came unasked.
    void give_back();
    void retake();

private:
    class Curses;
    std::unique_ptr<Curses> curses_;
};

} // namespace embedd::console
