// The bytes of a secret. Moved, never copied, and overwritten when they are no longer needed.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace unity::sdk {
inline namespace v1 {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    bytes.copy(bytes_.get(), size_);
  }
  Secret(Secret&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret&& other) noexcept {
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~Secret() { wipe(); }

  // Valid as long as this object. What is copied out of it is not wiped.
  std::string_view text() const { return {bytes_.get(), size_}; }

 private:
  void wipe() {
    volatile char* byte = bytes_.get();  // volatile: these writes are not optimised away
    for (std::size_t i = 0; i < size_; ++i) byte[i] = 0;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace v1
}  // namespace unity::sdk
