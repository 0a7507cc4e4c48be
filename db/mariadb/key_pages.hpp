// Reads a table page by page in the order of its key, each page beginning after the last key of the
// one before: the server holds nothing in between, and we no more than a page.
#pragma once

#include <string>
#include <vector>

#include "mariadb/parameters.hpp"
#include "mariadb/rows.hpp"
#include "schema/model.hpp"
#include "transfer/sql.hpp"

namespace unity::db::mariadb {

class KeyPages {
 public:
  KeyPages(const transfer::Selection& selection, const transfer::SqlForm& form);

  // The statements, whose last parameter is how many rows are wanted at most.
  const std::string& first() const { return first_; }
  const std::string& next() const { return next_; }
  // What next() is to be given to go on after `row` of `rows`, but for how many.
  Parameters after(const Rows& rows, int row) const;

 private:
  const schema::Table& table_;
  std::vector<std::size_t> key_;  // its columns
  std::string first_;
  std::string next_;
};

// How many rows a page may have, learned from those before: a few megabytes.
class PageSize {
 public:
  int rows() const { return rows_; }
  void learn(std::size_t bytes);

 private:
  int rows_ = 16;
};

}  // namespace unity::db::mariadb
