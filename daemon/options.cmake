# What the operator sets, from one table.
add_library(embedd_daemon_options STATIC
    model_path.cpp
    option_help.cpp
    option_table.cpp
    option_values.cpp
    options.cpp
    placement.cpp)
target_link_libraries(embedd_daemon_options PUBLIC embedd_ipc PRIVATE embedd_sanitized)
