# embedd_tokenizer_ffi: the Rust library in ffi/, built by cargo into the build tree.
# Debian's cargo-web and rustc-web install plain cargo and rustc; the distribution's first ones are too old.
set(EMBEDD_CARGO_LEAST 1.85)

find_program(EMBEDD_CARGO cargo REQUIRED)
execute_process(COMMAND ${EMBEDD_CARGO} --version OUTPUT_VARIABLE cargo_version COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" cargo_version "${cargo_version}")
if(cargo_version VERSION_LESS EMBEDD_CARGO_LEAST)
    message(FATAL_ERROR "${EMBEDD_CARGO} is ${cargo_version}: ${EMBEDD_CARGO_LEAST} or later is needed (Debian: cargo-web). "
        "Name another one with -DEMBEDD_CARGO=PATH")
endif()

set(ffi_source ${CMAKE_CURRENT_SOURCE_DIR}/ffi)
set(ffi_target ${CMAKE_CURRENT_BINARY_DIR}/cargo)
set(ffi_library ${ffi_target}/release/libembedd_tokenizer_ffi.a)

add_custom_command(
    OUTPUT ${ffi_library}
    COMMAND ${CMAKE_COMMAND} -E env
        CARGO_TARGET_DIR=${ffi_target} CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback
        ${EMBEDD_CARGO} build --quiet --release --locked --jobs 2 --manifest-path ${ffi_source}/Cargo.toml
    # Cargo leaves the file alone when nothing in it would change; ninja would run it again each time.
    COMMAND ${CMAKE_COMMAND} -E touch ${ffi_library}
    DEPENDS ${ffi_source}/Cargo.toml ${ffi_source}/Cargo.lock
        ${ffi_source}/src/lib.rs ${ffi_source}/src/encode.rs ${ffi_source}/src/load.rs ${ffi_source}/src/seam.rs
    COMMENT "Building the tokenizer library with cargo"
    VERBATIM)
add_custom_target(embedd_tokenizer_cargo DEPENDS ${ffi_library})

add_library(embedd_tokenizer_ffi STATIC IMPORTED GLOBAL)
set_target_properties(embedd_tokenizer_ffi PROPERTIES
    IMPORTED_LOCATION ${ffi_library}
    INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m;gcc_s"
    INTERFACE_LINK_OPTIONS -Wl,--gc-sections)
add_dependencies(embedd_tokenizer_ffi embedd_tokenizer_cargo)
