#include "check/hostile/memory.hpp"

#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>

#include "check/process/crash_handler.hpp"

namespace unity::check {
namespace {

constexpr std::size_t kArenaSize = std::size_t{512} << 20;  // of addresses; touched as it is used
constexpr std::size_t kGuardedSize = std::size_t{1} << 30;
constexpr std::size_t kPage = 4096;

// Addresses reserved once and given out upwards: none is ever given out twice.
class Reserve {
 public:
  Reserve(std::size_t size, int protection) : size_(size) {
    void* at =
        ::mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) std::abort();
    begin_ = static_cast<std::byte*>(at);
  }

  void* take(std::size_t size, std::size_t alignment) {
    const std::lock_guard lock(mutex_);
    used_ = (used_ + alignment - 1) / alignment * alignment;
    if (size_ - used_ < size) used_ = 0;  // a very long run: from the beginning
    void* at = begin_ + used_;
    used_ += size;
    return at;
  }
  bool holds(const void* at) const {
    return at >= begin_ && at < static_cast<const void*>(begin_ + size_);
  }

 private:
  std::mutex mutex_;
  std::byte* begin_ = nullptr;
  std::size_t size_;
  std::size_t used_ = 0;
};

Reserve& arena() {
  static auto& reserve = *new Reserve(kArenaSize, PROT_READ | PROT_WRITE);
  return reserve;
}
Reserve& guarded_pages() {
  static auto& reserve = *new Reserve(kGuardedSize, PROT_NONE);
  return reserve;
}

// Lives as long as the process: the crash handler reads it.
const char* forever(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) std::abort();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

}  // namespace

Lent lend(std::size_t size, std::size_t alignment, bool fenced, const std::string& what) {
  Lent lent;
  lent.size = size;
  if (!fenced) {
    lent.at = arena().take(size + 64, std::max<std::size_t>(alignment, 16));
    std::memset(lent.at, 0, size + 64);
    return lent;
  }
  const auto inside = (std::max<std::size_t>(size, 1) + kPage - 1) / kPage * kPage;
  lent.pages_size = inside + kPage;
  lent.pages = guarded_pages().take(lent.pages_size, kPage);
  if (::mprotect(lent.pages, inside, PROT_READ | PROT_WRITE) != 0) std::abort();
  auto* end = static_cast<std::byte*>(lent.pages) + inside;
  // An odd size leaves no room for alignment at the end: only text has one, and needs none.
  lent.at = end - (size + alignment - 1) / alignment * alignment;
  std::memset(lent.at, 0, size);
  add_forbidden(end, kPage, forever("memory beyond the end of " + what));
  return lent;
}

void take_back(const Lent& lent, const std::string& what, const std::string& when) {
  if (lent.pages == nullptr) return;
  // The pages give their memory back and can never be touched again.
  ::mmap(lent.pages, lent.pages_size, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  add_forbidden(lent.pages, lent.pages_size, forever(what + " after " + when));
}

bool was_lent(const void* at) { return arena().holds(at) || guarded_pages().holds(at); }

bool copy_if_readable(const void* from, std::size_t size, std::string& to) {
  to.resize(size);
  if (size == 0) return true;
  const iovec here{to.data(), size};
  const iovec there{const_cast<void*>(from), size};
  return ::process_vm_readv(::getpid(), &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
}

}  // namespace unity::check
