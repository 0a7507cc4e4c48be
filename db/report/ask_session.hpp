// Questions to a database about itself, asked in SQL and answered by rows of plain values: what
// `unity db health` and `report` look through. What differs between databases is in Questions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db {

// How a database says things, and what only it can be asked. Of a question that it cannot answer,
// the text is empty and the note says why not.
struct Questions {
  char quote;  // around names
  // Formats with one argument: a column of times as microseconds; microseconds as such a time.
  std::string_view to_micros;
  std::string_view from_micros;
  std::string_view integer;  // types to cast to
  std::string_view real;
  std::string_view text;
  // product, version, bytes
  std::string_view server;
  // name, version
  std::string_view extensions = {};
  // table, rows (NULL: to be counted), bytes, bytes of indexes, partitions
  std::string_view tables;
  // table, index, bytes, uses
  std::string_view indexes = {};
  std::string_view indexes_note = {};
  // statement, calls, mean ms, total ms
  std::string_view statements = {};
  std::string_view statements_note = {};
};

class AskSession {
 public:
  virtual ~AskSession() = default;

  virtual const Questions& questions() const = 0;
  virtual std::string place() const = 0;
  // `types` has a letter for each column: t text, i integer, r real. NULL is null.
  virtual Result<std::vector<json::Array>> ask(std::string sql, std::string_view types) = 0;
};

}  // namespace unity::db
