# What waits, who computes it, and who heals.
add_library(embedd_daemon_engine STATIC
    cost_model.cpp
    fair_queue.cpp
    dispatcher.cpp
    engine.cpp
    job_table.cpp
    lifecycle.cpp
    pace.cpp
    replica.cpp
    replica_set.cpp
    scheduler.cpp)
target_link_libraries(embedd_daemon_engine PUBLIC embedd_daemon_edges PRIVATE embedd_sanitized)
