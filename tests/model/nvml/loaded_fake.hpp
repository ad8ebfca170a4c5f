#pragma once

#include "tests/model/nvml/fake_nvml.hpp"

#include <dlfcn.h>

namespace embedd::nvml {

// The fake library, opened by a test beside the code under test, so that the test can say what it answers.
// Its state is new each time.
class LoadedFake {
public:
    explicit LoadedFake(const char* path)
        : handle_(::dlopen(path, RTLD_NOW)),
          driver_(*reinterpret_cast<FakeDriver* (*)()>(::dlsym(handle_, fake_driver_symbol))())
    {
    }
    ~LoadedFake() { ::dlclose(handle_); }
    LoadedFake(const LoadedFake&) = delete;
    LoadedFake& operator=(const LoadedFake&) = delete;

    FakeDriver* operator->() { return &driver_; }

private:
    void* handle_;
    FakeDriver& driver_;
};

} // namespace embedd::nvml
