// The one file with Asio's bodies; see ipc/CMakeLists.txt.
#include <boost/asio/impl/src.hpp>
