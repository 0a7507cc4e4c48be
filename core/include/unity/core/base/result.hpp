// Result<T>: a value or an Error. Has the names of std::expected, which g++ 12 offers only in
// C++23 mode; the day we move it becomes an alias.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace unity {

enum class Errc {
  invalid,      // what was given is wrong; trying again will not help
  not_found,    // the thing that was named does not exist
  unavailable,  // try again later: busy, full, gone
  refused,      // possible, but not allowed in this state
  internal,     // a bug, ours or a library's
};

constexpr std::string_view to_text(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::not_found:
      return "not_found";
    case Errc::unavailable:
      return "unavailable";
    case Errc::refused:
      return "refused";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

// `message` says what was attempted, on what, why it failed and, where known, what to do.
struct Error {
  Errc code = Errc::internal;
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T good) : state_(std::in_place_index<0>, std::move(good)) {}
  Result(Error bad) : state_(std::in_place_index<1>, std::move(bad)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return get(); }
  const T& value() const& { return const_cast<Result*>(this)->get(); }
  T&& value() && { return std::move(get()); }
  T& operator*() & { return get(); }
  const T& operator*() const& { return const_cast<Result*>(this)->get(); }
  T&& operator*() && { return std::move(get()); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &const_cast<Result*>(this)->get(); }

  const Error& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  T& get() {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error bad) : error_(std::move(bad)), ok_(false) {}

  bool has_value() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const& {
    assert(!ok_);
    return error_;
  }
  Error&& error() && {
    assert(!ok_);
    return std::move(error_);
  }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace unity
