// Tells a call that it should end: by a flag to look at and a descriptor to poll.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "worker/base/file_descriptor.hpp"

namespace unity::host {

// As the call sees it, on its own thread.
class CancelToken {
 public:
  virtual bool fired() const = 0;
  // Readable once fired. -1 if there is none left.
  virtual int fd() = 0;

 protected:
  ~CancelToken() = default;
};

// For calls within this process. fire() may come from any thread; the rest belongs to the thread
// of the call.
class InlineCancelToken final : public CancelToken {
 public:
  InlineCancelToken() = default;
  ~InlineCancelToken() { FileDescriptor(fd_.load()); }
  InlineCancelToken(const InlineCancelToken&) = delete;
  InlineCancelToken& operator=(const InlineCancelToken&) = delete;

  void fire() {
    fired_ = true;
    signal();
  }
  bool fired() const override { return fired_; }

  // Made on first use: most collectors never ask.
  int fd() override {
    if (fd_ < 0) fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fired_) signal();  // it may have fired between the two lines above
    return fd_;
  }

  // For the next call.
  void reset() {
    fired_ = false;
    std::uint64_t count = 0;
    if (fd_ >= 0) (void)!::read(fd_, &count, sizeof count);
  }

 private:
  void signal() {
    const std::uint64_t one = 1;
    if (const int fd = fd_; fd >= 0) (void)!::write(fd, &one, sizeof one);
  }

  std::atomic<bool> fired_ = false;
  std::atomic<int> fd_ = -1;
};

}  // namespace unity::host
