// A JSON document as plain values: for manifests, options, status answers, everything that is not
// on the path of a record. RapidJSON reads and writes it, hidden in core/src/json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "unity/core/base/result.hpp"

namespace unity::json {

class Value;
using Array = std::vector<Value>;
using Member = std::pair<std::string, Value>;
// Members keep the order they were written in; names are unique.
using Object = std::vector<Member>;

class Value {
 public:
  Value() = default;  // null
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  Value(int value) : data_(std::int64_t{value}) {}
  Value(std::int64_t value) : data_(value) {}
  // As a signed number where it fits, so that equal numbers are equal values.
  Value(std::uint64_t value) {
    if (std::in_range<std::int64_t>(value)) {
      data_ = static_cast<std::int64_t>(value);
    } else {
      data_ = value;
    }
  }
  Value(double value) : data_(value) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  Value(Object value) : data_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const std::string* string() const { return std::get_if<std::string>(&data_); }
  const Array* array() const { return std::get_if<Array>(&data_); }
  const Object* object() const { return std::get_if<Object>(&data_); }
  Array* array() { return std::get_if<Array>(&data_); }
  Object* object() { return std::get_if<Object>(&data_); }

  bool is_integer() const;  // 3 and 3.0 alike
  bool is_number() const;
  double number() const;  // 0 if it is not a number
  // Whole numbers only; 0 if it is not one or does not fit.
  std::int64_t integer() const;

  // The member, or null if this is no object or has none of that name.
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  // Adds or replaces a member. The value must be an object or null (which becomes one).
  void set(std::string_view name, Value value);

  // "null", "boolean", "integer", "number", "string", "array" or "object".
  std::string_view type_name() const;

  friend bool operator==(const Value&, const Value&) = default;

  using Data = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
                            Array, Object>;
  const Data& data() const { return data_; }

 private:
  Data data_;
};

// The member's text; empty if there is no such member or it is none.
std::string text_of(const Value& object, std::string_view name);
Array array_of(const std::vector<std::string>& texts);

// The text must be one JSON value and nothing else; duplicate member names are an error. The
// message gives line and column.
Result<Value> parse(std::string_view text);

enum class Style { compact, pretty };
std::string dump(const Value& value, Style style = Style::compact);

// Appends `text` with quotes and escapes: for writers that build JSON by hand. Bytes that are not
// UTF-8 become U+FFFD, here and in dump(): what we write is always valid JSON.
void append_quoted(std::string& out, std::string_view text);
// Appends the shortest text that reads back as the same number; NaN and infinities become null.
void append_number(std::string& out, double number);

}  // namespace unity::json
