#include "plugin/locked_text.hpp"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace unity::host {

LockedText LockedText::with_room(std::size_t size) {
  LockedText text;
  if (size == 0) return text;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  text.room_ = (size + page - 1) / page * page;
  void* memory =
      ::mmap(nullptr, text.room_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  text.data_ = static_cast<char*>(memory);
  text.size_ = size;
  text.locked_ = ::mlock(memory, text.room_) == 0;
  // Workers are started by exec, but what forks for another reason needs no copy either.
  (void)::madvise(memory, text.room_, MADV_DONTDUMP);
  (void)::madvise(memory, text.room_, MADV_WIPEONFORK);
  return text;
}

LockedText::LockedText(std::string_view text) : LockedText(with_room(text.size())) {
  if (!text.empty()) ::memcpy(data_, text.data(), text.size());
}

LockedText::~LockedText() {
  if (data_ == nullptr) return;
  ::explicit_bzero(data_, room_);
  ::munmap(data_, room_);
}

}  // namespace unity::host
