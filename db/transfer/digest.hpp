// What a table is, in short: two tables with the same rows have the same digest, whatever database
// they are in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transfer/row.hpp"
#include "transfer/tables.hpp"
#include "unity/core/base/sha256.hpp"

namespace unity::db::transfer {

struct TableSummary {
  std::uint64_t rows = 0;
  std::string sha256;            // of the rows in canonical form, each with a line end
  std::optional<Time> min_time;  // of tables whose rows age
  std::optional<Time> max_time;

  friend bool operator==(const TableSummary&, const TableSummary&) = default;
};

class TableDigest {
 public:
  explicit TableDigest(const TransferTable& table) : table_(table) {}

  // To be told in the order of the key. Errc::refused if the row cannot be written down.
  Result<void> add(const Row& row);
  // The row that was added last, in canonical form, with its line end.
  std::string_view line() const { return line_; }

  std::uint64_t rows() const { return summary_.rows; }
  std::string sha256() const { return to_hex(hash_.digest()); }
  TableSummary summary() const;

 private:
  Result<void> require_times(const Row& row) const;

  const TransferTable& table_;
  TableSummary summary_;
  Sha256Stream hash_;
  std::string line_;
};

}  // namespace unity::db::transfer
