# The proof that warm-up worked, and the memory of past ones.
add_library(embedd_daemon_verify STATIC concurrency.cpp verify.cpp warm_up_history.cpp)
target_link_libraries(embedd_daemon_verify PUBLIC embedd_daemon_plan embedd_ipc_async PRIVATE embedd_daemon_options embedd_sanitized)
