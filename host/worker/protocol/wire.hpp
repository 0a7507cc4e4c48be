// Numbers and texts as bytes, in the order of this machine: both ends are on it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace unity::host {

class WireWriter {
 public:
  WireWriter() { bytes_.reserve(kUsual); }

  template <class Number>
  WireWriter& put(Number value) {
    static_assert(std::is_trivially_copyable_v<Number> && !std::is_pointer_v<Number>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  WireWriter& put(std::string_view text) {
    put(static_cast<std::uint64_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  WireWriter& put(const std::string& text) { return put(std::string_view(text)); }
  template <class List, class Put>
  WireWriter& put_all(const List& list, Put put_one) {
    put(static_cast<std::uint32_t>(list.size()));
    for (const auto& one : list) put_one(*this, one);
    return *this;
  }

  const std::string& bytes() const { return bytes_; }
  std::string& bytes() { return bytes_; }

 private:
  static constexpr std::size_t kUsual = 256;  // a call or its result

  std::string bytes_;
};

// Reads what may be garbage: a read beyond the end gives zero or nothing and is remembered.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  template <class Number>
  Number get() {
    static_assert(std::is_arithmetic_v<Number> || std::is_enum_v<Number>);
    Number value{};
    if (rest_.size() < sizeof value) {
      fail();
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  bool flag() { return get<std::uint8_t>() != 0; }
  std::string_view text() { return bytes(get<std::uint64_t>()); }
  std::string_view bytes(std::uint64_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const auto text = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(text.size());
    return text;
  }
  // Calls `get_one` as often as the list says, at most until the bytes end.
  template <class GetOne>
  void all(GetOne get_one) {
    const auto count = get<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && !failed_; ++i) get_one(*this);
  }

  void fail() {
    failed_ = true;
    rest_ = {};
  }
  // Everything was there, and nothing is left.
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace unity::host
