// The cancellation of calls: a flag and a descriptor that becomes readable.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>

namespace unity::testkit {

class Token {
 public:
  Token() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::runtime_error("cannot make an eventfd for the cancel token");
  }
  ~Token() { ::close(fd_); }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  // Any thread.
  bool fired() const { return fired_; }
  void fire() {
    if (!fired_.exchange(true)) ::eventfd_write(fd_, 1);
  }
  int fd() const { return fd_; }

  // Between calls.
  void reset() {
    eventfd_t count = 0;
    if (fired_.exchange(false)) ::eventfd_read(fd_, &count);
  }

 private:
  int fd_;
  std::atomic<bool> fired_ = false;
};

}  // namespace unity::testkit
