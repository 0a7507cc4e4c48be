// Many rows of parameters for one statement, column by column as the library's array binding takes
// them: one round trip inserts thousands of rows.
#pragma once

#include <mysql.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db::mariadb {

class BulkRows {
 public:
  // Forgets the rows and keeps the memory.
  void clear();
  bool empty() const { return sizes_.empty(); }
  std::size_t rows() const { return sizes_.size(); }

  // Every row gives its columns the same types; a column of nothing but NULL has none.
  void begin_row();
  void add(std::int64_t value);
  void add(int value) { add(std::int64_t{value}); }
  void add(bool value) { add(std::int64_t{value}); }
  void add(Time value) { add(std::int64_t{value.time_since_epoch().count()}); }
  void add(double value);
  void add(std::string_view value) { add_text(MYSQL_TYPE_STRING, value); }
  void add_bytes(std::string_view value) { add_text(MYSQL_TYPE_BLOB, value); }
  void add_json(std::string_view text) { add(text); }
  void add_null();
  template <class T>
  void add(const std::optional<T>& value) {
    value ? add(*value) : add_null();
  }

  // How many rows from `first` on fit into so many bytes; none if the first is larger alone.
  std::size_t fitting(std::size_t first, std::size_t bytes_max) const;
  // What mysql_stmt_bind_param() takes for the rows from `first` on; valid until a row is added.
  std::vector<MYSQL_BIND> binds(std::size_t first);

 private:
  struct Column {
    enum_field_types type = MYSQL_TYPE_NULL;
    std::vector<std::int64_t> numbers;  // doubles by their bits
    std::vector<std::size_t> offsets;   // of texts, into text
    std::vector<unsigned long> lengths;
    std::vector<char*> pointers;  // made by binds()
    std::vector<char> indicators;
    std::string text;
  };

  Column& next(enum_field_types type, char indicator, std::size_t bytes);
  void add_text(enum_field_types type, std::string_view value);

  std::vector<Column> columns_;
  std::size_t column_ = 0;          // the next one
  std::vector<std::size_t> sizes_;  // of the rows on the wire, at most
};

}  // namespace unity::db::mariadb
