// Lists as parameters: a JSON text that the server reads as a table, one row of it an entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace unity::db::mariadb {

// A text column of JSON_TABLE that compares as those of our tables do, by their indexes.
#define UNITY_TEXT_COLUMN(name, length) \
  name " VARCHAR(" #length ") CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH "

// [[1,"a"],[2,"b"]]
class JsonRows {
 public:
  void begin_row();
  void add(std::int64_t value);
  void add(std::string_view text);
  // As hexadecimal digits.
  void add_bytes(std::string_view bytes);
  // All of it; nothing can be added after it.
  std::string_view finish();

 private:
  void begin_value();

  std::string text_ = "[";
  bool first_value_ = true;
};

}  // namespace unity::db::mariadb
