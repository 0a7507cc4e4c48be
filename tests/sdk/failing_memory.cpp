#include "sdk/failing_memory.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t left = 0;

}  // namespace

void* operator new(std::size_t size) {
  if (left > 0 && --left == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace unity::testing {

void fail_allocation(std::size_t n) { left = n; }

}  // namespace unity::testing
