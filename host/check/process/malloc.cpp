// malloc() of the program unity-check, which the plugin gets as well. A source of the program
// itself: what comes from a library of ours is not exported.
#include <cerrno>
#include <cstddef>

#include "check/process/failing_memory.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// glibc's own, by the names that it keeps for those who replace malloc().
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);

// The dynamic linker binds everybody's malloc() to that of the program, if it has one.
__attribute__((visibility("default"))) void* malloc(std::size_t size) {
  if (!unity::check::allocation_fails()) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}
__attribute__((visibility("default"))) void* calloc(std::size_t count, std::size_t size) {
  if (!unity::check::allocation_fails()) return __libc_calloc(count, size);
  errno = ENOMEM;
  return nullptr;
}
__attribute__((visibility("default"))) void* realloc(void* memory, std::size_t size) {
  if (!unity::check::allocation_fails()) return __libc_realloc(memory, size);
  errno = ENOMEM;
  return nullptr;
}
}

#endif
