#pragma once

#include "bench/child.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedd::bench {

// What every subcommand may be told.
struct Settings {
    std::optional<std::string> socket;
    std::string model;
    std::string worker = sibling("embedd-worker");
    bool as_json = false;

    // The daemon to measure. Throws std::runtime_error when none answers.
    [[nodiscard]] std::filesystem::path reachable_socket() const;
    // A daemon of our own, with --model and what else was said after "--".
    [[nodiscard]] std::vector<std::string> daemon_arguments(std::vector<std::string> rest) const;
    [[nodiscard]] std::vector<std::string>
    own_daemon(std::vector<std::string> rest) const; // its whole command
};

// Each adds its subcommand, which runs at the end of parsing and prints what it measured. It throws
// std::runtime_error when that could not be done; `settings` outlives the parsing.
void add_ceiling(CLI::App& app, const Settings& settings);
void add_chaos(CLI::App& app, const Settings& settings);
void add_coldstart(CLI::App& app, const Settings& settings);
void add_console(CLI::App& app, const Settings& settings);
void add_fairness(CLI::App& app, const Settings& settings);
void add_latency(CLI::App& app, const Settings& settings);
void add_load(CLI::App& app, const Settings& settings);
void add_overload(CLI::App& app, const Settings& settings);
void add_rewarm(CLI::App& app, const Settings& settings);

// Rows as a table, or as JSON with whatever else they hold.
void print(const Settings& settings, const std::vector<std::string>& columns, const nlohmann::json& rows);
// A step of a long measurement, on standard error.
void tell(const std::string& step);
// For --assert: throws std::runtime_error with every bar that was missed.
void assert_none(const std::vector<std::string>& missed_bars);

[[nodiscard]] nlohmann::json milliseconds(std::optional<std::chrono::microseconds> value);
template <class T>
[[nodiscard]] nlohmann::json or_null(const std::optional<T>& value)
{
    return value ? nlohmann::json(*value) : nlohmann::json();
}

} // namespace embedd::bench
