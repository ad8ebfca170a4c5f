#include "model/worker/turns.hpp"

namespace embedd::model {

void Turns::wait(std::size_t lane)
{
    std::unique_lock lock(mutex_);
    const auto called = [&] { return work_ && seen_[lane] != works_; };
    while (true) {
        changed_.wait(lock, [&] { return !taken_ || called(); });
        if (!called()) {
            taken_ = true;
            return;
        }
        seen_[lane] = works_;
        const auto place = places_++;
        const auto& work = *work_;
        lock.unlock();
        work(place);
        lock.lock();
        if (--unfinished_ == 0)
            done_.notify_one();
    }
}

bool Turns::take_if(const std::function<bool()>& wanted)
{
    const std::scoped_lock lock(mutex_);
    if (taken_ || !wanted())
        return false;
    taken_ = true;
    return true;
}

void Turns::end()
{
    {
        const std::scoped_lock lock(mutex_);
        taken_ = false;
    }
    changed_.notify_one();
}

void Turns::run_on_all(const Work& work)
{
    std::unique_lock lock(mutex_);
    work_ = &work;
    ++works_;
    places_ = 1;
    unfinished_ = lanes();
    lock.unlock();
    changed_.notify_all();
    work(0);
    lock.lock();
    --unfinished_;
    done_.wait(lock, [this] { return unfinished_ == 0; });
    work_ = nullptr;
}

} // namespace embedd::model
