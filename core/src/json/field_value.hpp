// How the value of a field is written, the same in every form of a record. Private to
// core/src/json.
#pragma once

#include <string>
#include <type_traits>

#include "unity/core/json/value.hpp"
#include "unity/core/model/record.hpp"

namespace unity::json {

// A whole double keeps a fraction, "1.0", so that it reads back as a double. NaN and infinities
// become null.
inline void append_value(std::string& out, const FieldValue& value) {
  std::visit(
      [&out](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>) {
          out += "null";
        } else if constexpr (std::is_same_v<Held, std::string>) {
          append_quoted(out, held);
        } else if constexpr (std::is_same_v<Held, bool>) {
          out += held ? "true" : "false";
        } else if constexpr (std::is_same_v<Held, double>) {
          const auto from = out.size();
          append_number(out, held);
          if (out.find_first_not_of("-0123456789", from) == out.npos) out += ".0";
        } else {
          out += std::to_string(held);
        }
      },
      value);
}

}  // namespace unity::json
