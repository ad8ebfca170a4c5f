# What a warm-up visits, and what its times mean.
add_library(embedd_daemon_plan STATIC calibration.cpp cost_model.cpp warm_up_plan.cpp warm_up_run.cpp)
target_link_libraries(embedd_daemon_plan PUBLIC embedd_ipc PRIVATE embedd_sanitized)

# What waits, who computes it, and who heals.
add_library(embedd_daemon_engine STATIC
    backlogs.cpp
    balancer.cpp
    cold_starts.cpp
    devices.cpp
    dispatcher.cpp
    dispatcher_warm_up.cpp
    engine.cpp
    fair_queue.cpp
    job_table.cpp
    lifecycle.cpp
    pace.cpp
    replica.cpp
    replica_restart.cpp
    replica_set.cpp
    scheduler.cpp
    scheduler_admission.cpp
    warmer.cpp)
target_link_libraries(embedd_daemon_engine PUBLIC embedd_daemon_edges embedd_daemon_plan PRIVATE embedd_sanitized)
