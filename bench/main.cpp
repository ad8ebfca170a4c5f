#include "bench/command.hpp"

#include <exception>

int main(int argc, char** argv)
{
    using namespace embedd;

    CLI::App app{"embed-bench: what embedd reaches on this machine", "embed-bench"};
    app.require_subcommand(1);
    app.fallthrough();
    bench::Settings settings;
    app.add_option("--socket", settings.socket, "The daemon's socket (load, latency, console)");
    app.add_option("--model", settings.model, "Model directory (all but load and latency)");
    app.add_option("--worker", settings.worker,
                   "embedd-worker, which measures the ceiling and runs the bare loop");
    app.add_flag("--json", settings.as_json, "Print JSON");
    bench::add_ceiling(app, settings);
    bench::add_load(app, settings);
    bench::add_latency(app, settings);
    bench::add_coldstart(app, settings);
    bench::add_rewarm(app, settings);
    bench::add_fairness(app, settings);
    bench::add_overload(app, settings);
    bench::add_chaos(app, settings);
    bench::add_console(app, settings);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e);
    } catch (const std::exception& e) {
        bench::tell(e.what());
        return 1;
    }
    return 0;
}
