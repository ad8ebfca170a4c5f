// A driver's library for hosts without one: EMBEDD_FAKE_GPUS says how many GPUs it has, EMBEDD_FAKE_CUDA for
// which CUDA it is (13000), EMBEDD_FAKE_CAPABILITY what they can (90).
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr int success = 0;
constexpr int no_device = 100;
constexpr int invalid_device = 101;

int number(const char* variable, int otherwise)
{
    const char* const text = std::getenv(variable);
    return text ? std::atoi(text) : otherwise;
}

int gpus()
{
    return number("EMBEDD_FAKE_GPUS", 1);
}

} // namespace

extern "C" {

int cuDriverGetVersion(int* version)
{
    *version = number("EMBEDD_FAKE_CUDA", 13000);
    return success;
}

int cuInit(unsigned)
{
    return gpus() > 0 ? success : no_device;
}

int cuDeviceGetCount(int* count)
{
    *count = gpus();
    return success;
}

int cuDeviceGet(int* device, int index)
{
    *device = 10 + index; // a handle is no index
    return index < gpus() ? success : invalid_device;
}

int cuDeviceGetName(char* name, int room, int device)
{
    std::snprintf(name, static_cast<std::size_t>(room), "Made-up GPU %d", device - 10);
    return success;
}

int cuDeviceGetPCIBusId(char* bus, int room, int device)
{
    std::snprintf(bus, static_cast<std::size_t>(room), "0000:%02X:00.0", device);
    return success;
}

int cuDeviceTotalMem_v2(std::size_t* bytes, int)
{
    *bytes = std::size_t{80} << 30;
    return success;
}

int cuDeviceGetAttribute(int* value, int attribute, int)
{
    const int capability = number("EMBEDD_FAKE_CAPABILITY", 90);
    *value = attribute == 75 ? capability / 10 : capability % 10;
    return success;
}
}
