# Every target of ours links embedd_flags, and nothing else decides how our code is compiled.
option(EMBEDD_WARNINGS_ARE_ERRORS "Fail the build on a warning in our own code" OFF)
option(EMBEDD_FUZZ "Build the fuzz targets for libFuzzer (clang)" OFF)
set(EMBEDD_SANITIZE "" CACHE STRING "Sanitizers for everything but model/: address,undefined or thread")

# RelWithDebInfo with line tables alone: a backtrace names file and line, and links stay quick on two cores.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

add_library(embedd_flags INTERFACE)
target_compile_features(embedd_flags INTERFACE cxx_std_20)
target_compile_options(embedd_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Wconversion
    # Designated initialisers leave out what has a default.
    -Wno-missing-field-initializers
    # GCC 12 reports coroutine frames as allocated by one operator and freed by another.
    -Wno-mismatched-new-delete
    $<$<BOOL:${EMBEDD_WARNINGS_ARE_ERRORS}>:-Werror>)
target_include_directories(embedd_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(embedd_flags INTERFACE EMBEDD_VERSION="${PROJECT_VERSION}")

# libtorch is not instrumented, so the sanitizers stay out of what links it (it links embedd_flags alone).
add_library(embedd_sanitized INTERFACE)
target_link_libraries(embedd_sanitized INTERFACE embedd_flags)
if(EMBEDD_SANITIZE)
    target_compile_options(embedd_sanitized INTERFACE
        -fsanitize=${EMBEDD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
        # GCC 12 takes an empty optional for an uninitialised one once it is instrumented.
        -Wno-maybe-uninitialized)
    if(EMBEDD_SANITIZE STREQUAL "thread")
        # GCC warns of fences that ThreadSanitizer cannot see; Asio has one.
        target_compile_options(embedd_sanitized INTERFACE -Wno-tsan)
    endif()
    target_link_options(embedd_sanitized INTERFACE -fsanitize=${EMBEDD_SANITIZE})
endif()
if(EMBEDD_FUZZ)
    target_compile_options(embedd_sanitized INTERFACE -fsanitize=fuzzer-no-link)
endif()
