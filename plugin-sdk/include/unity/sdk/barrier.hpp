// The one place where C++ exceptions end: nothing but a status crosses the ABI.
#pragma once

#include <cstdint>
#include <exception>
#include <string_view>

#include "unity/plugin.h"
#include "unity/sdk/failure.hpp"

namespace unity::sdk {
inline namespace v1 {
namespace detail {

inline unity_status report(unity_call* call, unity_status status, std::string_view message,
                           std::string_view code, std::uint32_t retry_after_ms) noexcept {
  unity_error error{};
  error.struct_size = sizeof error;
  error.retry_after_ms = retry_after_ms;
  error.message = to_abi(message);
  error.code = to_abi(code);
  call->api->fail(call, &error);
  return status;
}

// A Failure keeps its class, anything else becomes UNITY_E_INTERNAL with its text.
template <class Body>
unity_status barrier(unity_call* call, Body body) noexcept {
  try {
    body();
    return UNITY_OK;
  } catch (const Failure& failure) {
    return report(call, failure.status(), failure.what(), failure.code(), failure.retry_after_ms());
  } catch (const std::exception& exception) {
    return report(call, UNITY_E_INTERNAL, exception.what(), "unity.exception", 0);
  } catch (...) {
    return report(call, UNITY_E_INTERNAL, "threw something that is not a std::exception",
                  "unity.exception", 0);
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace unity::sdk
