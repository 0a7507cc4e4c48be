// How a call into a plugin ends badly, and how C++ strings look to the ABI.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "unity/plugin.h"

namespace unity::sdk {
inline namespace v1 {

inline unity_str to_abi(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view from_abi(unity_str text) {
  return {text.ptr, static_cast<std::size_t>(text.len)};
}

// Thrown to end a call with a chosen error class. `code` is stable and dotted, for machines.
class Failure : public std::runtime_error {
 public:
  Failure(unity_status status, std::string code, const std::string& message,
          std::uint32_t retry_after_ms = 0)
      : std::runtime_error(message),
        status_(status),
        code_(std::move(code)),
        retry_after_ms_(retry_after_ms) {}

  unity_status status() const { return status_; }
  const std::string& code() const { return code_; }
  std::uint32_t retry_after_ms() const { return retry_after_ms_; }

 private:
  unity_status status_;
  std::string code_;
  std::uint32_t retry_after_ms_;
};

namespace detail {

// What the host's answer means, for the text of a Failure.
inline const char* reason_of(unity_status status) {
  switch (status) {
    case UNITY_E_CANCELLED:
      return "the call was cancelled";
    case UNITY_E_UNSUPPORTED:
      return "this host does not serve it";
    case UNITY_E_TOO_NEW:
      return "the host is older than what was asked for";
    case UNITY_E_AGAIN:
      return "the host has no room now";
    case UNITY_E_NOT_FOUND:
      return "there is none of that name";
    case UNITY_E_DENIED:
      return "the manifest does not ask for it or the operator has not granted it";
    case UNITY_E_INVALID:
      return "the host found the request malformed";
    case UNITY_E_LIMIT:
      return "it exceeds a limit of the host";
    default:
      return "the host failed";
  }
}

inline void require(unity_status status, const char* code, const std::string& attempt) {
  if (status < 0) throw Failure(status, code, attempt + ": " + reason_of(status));
}

}  // namespace detail
}  // namespace v1
}  // namespace unity::sdk
