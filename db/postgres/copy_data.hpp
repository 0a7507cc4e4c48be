// The rows of a COPY … FROM STDIN (FORMAT binary), built up in one buffer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "unity/core/base/time.hpp"

namespace unity::db::postgres {

class CopyData {
 public:
  // Forgets the rows and keeps the memory.
  void clear();
  bool empty() const { return rows_ == 0; }
  std::size_t rows() const { return rows_; }

  void begin_row(int columns);
  void add(std::int64_t value);
  void add(std::int32_t value);
  void add(std::string_view value);  // text, bytea or uuid
  void add_bytes(std::string_view value) { add(value); }
  void add(Time value);
  void add(double value);
  void add(bool value);
  void add_json(std::string_view text);  // jsonb
  void add_null();
  template <class T>
  void add(const std::optional<T>& value) {
    value ? add(*value) : add_null();
  }
  // A value whose bytes the caller appends to what it gets; end_value() counts them.
  std::string& begin_value();
  void end_value();
  // Makes it NULL instead.
  void drop_value();

  // With the end mark: nothing can be added after it.
  std::string_view finish();

 private:
  std::string bytes_;
  std::size_t rows_ = 0;
  std::size_t value_at_ = 0;
};

}  // namespace unity::db::postgres
