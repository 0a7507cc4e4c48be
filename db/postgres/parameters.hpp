// The parameters of a statement, in binary form and with their types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db::postgres {

// Bytes that are not text.
struct Bytes {
  std::string_view bytes;
};
struct Uuid {
  std::string_view bytes;  // 16
};
struct Json {
  std::string_view text;
};
// bigint[]
struct Integers {
  const std::vector<std::int64_t>& values;
};
// double precision[]
struct Doubles {
  const std::vector<double>& values;
};
// timestamptz[]
struct Times {
  const std::vector<Time>& values;
};
// text[]
struct Texts {
  const std::vector<std::string>& values;
};
// bytea[]
struct ByteStrings {
  const std::vector<std::string>& values;
};
// uuid[]
struct Uuids {
  const std::vector<std::string>& values;
};

class Parameters {
 public:
  // Copies everything. An empty optional is NULL.
  template <class... Values>
  explicit Parameters(const Values&... values) {
    (add(values), ...);
  }

  std::size_t size() const { return types_.size(); }
  const std::vector<unsigned>& types() const { return types_; }
  // What PQexecParams takes; valid as long as this.
  std::vector<const char*> values() const;
  const std::vector<int>& lengths() const { return lengths_; }

 private:
  static constexpr int kNull = -1;

  void add(std::int64_t value);
  void add(int value);
  void add(bool value);
  void add(std::string_view value);
  void add(const std::string& value) { add(std::string_view(value)); }
  void add(const char* value) { add(std::string_view(value)); }
  void add(Bytes value);
  void add(Uuid value);
  void add(Json value);
  void add(Time value);
  void add(Integers value);
  void add(Doubles value);
  void add(Times value);
  void add(Texts value);
  void add(ByteStrings value);
  void add(Uuids value);
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) return add(*value);
    add(T{});  // for its type
    lengths_.back() = kNull;
  }
  template <class Value>
  void add_numbers(unsigned element_type, const std::vector<Value>& values, unsigned type);
  void begin_array(unsigned element_type, std::size_t count);
  void add_array(unsigned element_type, const std::vector<std::string>& values, unsigned type);
  void end(unsigned type);  // what was appended to bytes_ is one value

  std::string bytes_;
  std::vector<std::size_t> ends_;
  std::vector<int> lengths_;
  std::vector<unsigned> types_;
};

}  // namespace unity::db::postgres
