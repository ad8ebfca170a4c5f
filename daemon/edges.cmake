# What touches the operating system: processes, sockets, the service manager, the terminal, the options.
add_library(embedd_daemon_edges STATIC
    child_process.cpp
    descriptor_limit.cpp
    listener.cpp
    log.cpp
    notify.cpp
    passed_socket.cpp
    processors.cpp
    program_path.cpp
    tokenizer_proof.cpp
    unix_address.cpp
    worker.cpp)
target_link_libraries(embedd_daemon_edges PUBLIC embedd_ipc embedd_asio PRIVATE embedd_sanitized)
