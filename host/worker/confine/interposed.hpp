// Functions of libc that the worker has in front of libc's own, because what Landlock refuses comes
// back as a bare errno: each calls the real one and notes a refusal. A plugin binds to them as they
// are exported from the program; what libc calls within itself does not pass here.
#pragma once

#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "worker/confine/denials.hpp"

namespace unity::worker {

// The next function of that name, looked up at its first call.
template <class Function>
class Next {
 public:
  constexpr explicit Next(const char* name) : name_(name) {}

  Function* get() {
    auto* found = found_.load(std::memory_order_acquire);
    if (found == nullptr) {
      found = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name_));
      found_.store(found, std::memory_order_release);
    }
    return found;
  }

 private:
  const char* name_;
  std::atomic<Function*> found_{nullptr};
};

// Keeps errno as it is while something is noted.
class KeptErrno {
 public:
  KeptErrno() : error_(errno) {}
  KeptErrno(const KeptErrno&) = delete;
  KeptErrno& operator=(const KeptErrno&) = delete;
  ~KeptErrno() { errno = error_; }
  int value() const { return error_; }

 private:
  int error_;
};

// Whether errno says that something was refused in a process that is confined.
inline bool was_refused() {
  return (errno == EACCES || errno == EPERM) && Denials::of_process().active();
}

// Notes that a file was refused; `folder` is as in openat().
void note_file(int folder, const char* path, bool read, bool write);
// Notes that a program was refused, or any process at all if `path` is null.
void note_process(const char* path, int error);

}  // namespace unity::worker
