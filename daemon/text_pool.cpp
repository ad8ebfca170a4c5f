#include "daemon/text_pool.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <pthread.h>

#include <utility>

namespace embedd::daemon {

struct TextPool::State {
    boost::asio::any_io_executor loop;
    boost::asio::thread_pool threads;
};

namespace {

// Threads of a pool have no beginning of their own to be named in.
void name_this_thread()
{
    [[maybe_unused]] static thread_local const int named = ::pthread_setname_np(::pthread_self(), "texts");
}

} // namespace

TextPool::TextPool(boost::asio::any_io_executor loop, unsigned threads)
    : state_(new State{std::move(loop), boost::asio::thread_pool(threads)})
{
}

TextPool::~TextPool()
{
    state_->threads.stop();
    state_->threads.join();
}

void TextPool::run(std::function<void()> work, std::function<void()> done)
{
    boost::asio::post(state_->threads,
                      [loop = state_->loop, work = std::move(work), done = std::move(done)]() mutable {
                          name_this_thread();
                          work();
                          work = nullptr; // what it held dies before done may let go of the rest
                          boost::asio::post(loop, std::move(done));
                      });
}

} // namespace embedd::daemon
