# What waits, who computes it, and who heals.
add_library(embedd_daemon_engine STATIC
    cost_model.cpp
    fair_queue.cpp
    lifecycle.cpp
    pace.cpp
    scheduler.cpp)
target_link_libraries(embedd_daemon_engine PUBLIC embedd_asio embedd_ipc PRIVATE embedd_sanitized)
