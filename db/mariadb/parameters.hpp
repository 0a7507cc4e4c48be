// The parameters of a prepared statement.
#pragma once

#include <mysql.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db::mariadb {

// Bytes that are not text.
struct Bytes {
  std::string_view bytes;
};

class Parameters {
 public:
  // Copies everything. An empty optional is NULL.
  template <class... Values>
  explicit Parameters(const Values&... values) {
    (add(values), ...);
  }

  // One more; for statements whose parameters nobody knows before.
  template <class Value>
  void append(const Value& value) {
    add(value);
  }

  std::size_t size() const { return values_.size(); }
  // What mysql_stmt_bind_param() takes; valid as long as this is where it is.
  std::vector<MYSQL_BIND> binds();

 private:
  struct Value {
    enum_field_types type;
    std::int64_t integer = 0;
    double real = 0;
    std::string bytes = {};
    unsigned long length = 0;
  };

  void add(std::int64_t value) { values_.push_back({MYSQL_TYPE_LONGLONG, value}); }
  void add(int value) { add(std::int64_t{value}); }
  void add(bool value) { add(std::int64_t{value}); }
  void add(double value) { values_.push_back({MYSQL_TYPE_DOUBLE, 0, value}); }
  void add(Time value) { add(std::int64_t{value.time_since_epoch().count()}); }
  void add(std::string_view value) { add_bytes(MYSQL_TYPE_STRING, value); }
  void add(const std::string& value) { add(std::string_view(value)); }
  void add(const char* value) { add(std::string_view(value)); }
  void add(Bytes value) { add_bytes(MYSQL_TYPE_BLOB, value.bytes); }
  // One after the other, as in `IN (?, ?)`.
  void add(const std::vector<std::int64_t>& values) {
    for (const auto value : values) add(value);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    value ? add(*value) : values_.push_back({MYSQL_TYPE_NULL});
  }
  void add_bytes(enum_field_types type, std::string_view bytes) {
    values_.push_back({type, 0, 0, std::string(bytes), bytes.size()});
  }

  std::vector<Value> values_;
};

}  // namespace unity::db::mariadb
