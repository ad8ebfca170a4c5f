# What speaks with clients, and what brings the service up and down.
add_library(embedd_daemon_front STATIC
    administration.cpp
    bring_up.cpp
    byte_budget.cpp
    clients.cpp
    computed_call.cpp
    draining.cpp
    events.cpp
    fitting.cpp
    gate.cpp
    generations.cpp
    inputs.cpp
    host_memory.cpp
    lateness.cpp
    metrics.cpp
    metrics_text.cpp
    model_change.cpp
    model_tokenizer.cpp
    operations.cpp
    plan_report.cpp
    reloading.cpp
    rewarming.cpp
    sample_history.cpp
    server.cpp
    service.cpp
    session.cpp
    spare_memory.cpp
    status_report.cpp
    subscriptions.cpp
    text_pool.cpp
    utc_time.cpp
    vectors.cpp
    warm_up_report.cpp
    worker_command.cpp)
target_link_libraries(embedd_daemon_front
    PUBLIC embedd_daemon_edges embedd_daemon_engine embedd_daemon_options embedd_daemon_verify embedd_tokenizer
    PRIVATE embedd_sanitized)

add_executable(embedd main.cpp)
target_link_libraries(embedd PRIVATE embedd_daemon_front embedd_sanitized)
add_dependencies(embedd embedd-tokenizer-proof)
