// A short text in memory that is neither swapped out nor in core dumps, and wiped when it goes.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace unity::host {

class LockedText {
 public:
  LockedText() = default;
  explicit LockedText(std::string_view text);
  // Room for so many bytes, which data() fills and resize() cuts to what is used.
  static LockedText with_room(std::size_t size);
  LockedText(LockedText&& other) noexcept { swap(other); }
  LockedText& operator=(LockedText&& other) noexcept {
    LockedText(std::move(other)).swap(*this);
    return *this;
  }
  ~LockedText();

  std::string_view view() const { return {data_, size_}; }
  char* data() { return data_; }
  void resize(std::size_t size) { size_ = size; }  // never beyond the room
  // False if the system has no memory to lock (`ulimit -l`): then it may be swapped out.
  bool locked() const { return locked_; }

 private:
  void swap(LockedText& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
    std::swap(locked_, other.locked_);
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;  // whole pages of its own
  bool locked_ = true;
};

}  // namespace unity::host
