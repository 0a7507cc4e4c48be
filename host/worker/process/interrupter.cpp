#include "worker/process/interrupter.hpp"

#include <sys/epoll.h>

namespace unity::host {

Interrupter::Watch::Watch(Interrupter& interrupter, int cancelled, std::function<void()> interrupt)
    : interrupter_(interrupter), cancelled_(cancelled) {
  const std::lock_guard lock(interrupter_.mutex_);
  if (!interrupter_.poll_) {
    interrupter_.poll_ = FileDescriptor(::epoll_create1(EPOLL_CLOEXEC));
    std::thread([&owner = interrupter_] { owner.serve(); }).detach();
  }
  interrupter_.watched_[cancelled] = std::move(interrupt);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // the host alone takes back what it wrote
  event.data.fd = cancelled;
  ::epoll_ctl(interrupter_.poll_.get(), EPOLL_CTL_ADD, cancelled, &event);
}

Interrupter::Watch::~Watch() {
  const std::lock_guard lock(interrupter_.mutex_);
  ::epoll_ctl(interrupter_.poll_.get(), EPOLL_CTL_DEL, cancelled_, nullptr);
  interrupter_.watched_.erase(cancelled_);
}

void Interrupter::serve() {
  while (true) {
    epoll_event event{};
    if (::epoll_wait(poll_.get(), &event, 1, -1) <= 0) continue;
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(event.data.fd);
    if (found != watched_.end()) found->second();
  }
}

}  // namespace unity::host
