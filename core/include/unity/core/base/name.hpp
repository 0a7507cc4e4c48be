// A short text that much else carries: the name of a metric, a field or a tag, or a unit. Equal
// names share one text, so that a name is copied and compared like a pointer.
//
// Shared texts are kept for good: names come from manifests and configurations, and few ever go.
// Some plugins make names up, so the number that is shared has a bound. Beyond it, and when it is
// long, a Name owns its text; that costs more, and nothing else is different.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace unity {

class Name;

template <class Text>
concept NotYetName =
    !std::same_as<Text, Name> && std::convertible_to<const Text&, std::string_view>;

// Different threads may make, copy and destroy equal names at the same time.
class Name {
 public:
  Name() noexcept = default;
  template <NotYetName Text>
  Name(const Text& text) : bits_(find(text)) {}
  Name(const Name& other) : bits_(other.owns() ? copy(other) : other.bits_) {}
  Name(Name&& other) noexcept : bits_(std::exchange(other.bits_, 0)) {}
  Name& operator=(const Name& other) {
    if (bits_ != other.bits_) Name(other).swap(*this);
    return *this;
  }
  Name& operator=(Name&& other) noexcept {
    Name(std::move(other)).swap(*this);
    return *this;
  }
  ~Name() {
    if (owns()) release();
  }

  const std::string& text() const { return bits_ == 0 ? kNoText : *pointer(); }
  operator const std::string&() const { return text(); }
  operator std::string_view() const { return text(); }

  bool empty() const { return bits_ == 0; }
  std::size_t size() const { return text().size(); }
  void clear() { *this = Name(); }

  friend bool operator==(const Name& a, const Name& b) {
    return a.bits_ == b.bits_ || ((a.owns() || b.owns()) && a.text() == b.text());
  }
  template <NotYetName Text>
  friend bool operator==(const Name& a, const Text& b) {
    return std::string_view(a.text()) == std::string_view(b);
  }

 private:
  // Set in `bits_` beside the address of the text if that belongs to this name alone.
  static constexpr std::uintptr_t kOwned = 1;
  static const std::string kNoText;

  static std::uintptr_t find(std::string_view text);
  static std::uintptr_t copy(const Name& other);
  void release();

  bool owns() const { return (bits_ & kOwned) != 0; }
  const std::string* pointer() const {
    return reinterpret_cast<const std::string*>(bits_ & ~kOwned);
  }
  void swap(Name& other) noexcept { std::swap(bits_, other.bits_); }

  std::uintptr_t bits_ = 0;  // 0: the empty name
};

}  // namespace unity

template <>
struct std::hash<unity::Name> {
  std::size_t operator()(const unity::Name& name) const {
    return std::hash<std::string_view>()(name);
  }
};
