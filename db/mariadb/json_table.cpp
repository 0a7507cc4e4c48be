#include "mariadb/json_table.hpp"

#include <fmt/format.h>

#include <iterator>

#include "unity/core/json/value.hpp"

namespace unity::db::mariadb {

void JsonRows::begin_row() {
  text_ += text_.size() == 1 ? "[" : "],[";
  first_value_ = true;
}

void JsonRows::begin_value() {
  if (!first_value_) text_ += ',';
  first_value_ = false;
}

void JsonRows::add(std::int64_t value) {
  begin_value();
  fmt::format_to(std::back_inserter(text_), "{}", value);
}

void JsonRows::add(std::string_view text) {
  begin_value();
  json::append_quoted(text_, text);
}

void JsonRows::add_bytes(std::string_view bytes) {
  begin_value();
  text_ += '"';
  for (const auto byte : bytes) {
    fmt::format_to(std::back_inserter(text_), "{:02x}", static_cast<unsigned char>(byte));
  }
  text_ += '"';
}

std::string_view JsonRows::finish() {
  text_ += text_.size() == 1 ? "]" : "]]";
  return text_;
}

}  // namespace unity::db::mariadb
