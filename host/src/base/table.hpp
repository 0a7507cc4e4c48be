// Text tables for people: columns as wide as their widest cell.
#pragma once

#include <string>
#include <vector>

namespace unity::host {

class Table {
 public:
  explicit Table(std::vector<std::string> headings) { rows_.push_back(std::move(headings)); }

  // As many cells as there are headings.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.size() == 1; }

  // Each line is cut at `width` columns; 0: no limit.
  std::string to_text(std::size_t width = 0) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// 12.3456 -> "12.35", 1234567 -> "1.235M": at most four digits, for columns of numbers.
std::string short_number(double number);

}  // namespace unity::host
