// The rows that a query gave, in binary form.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "unity/core/base/time.hpp"

namespace unity::db::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};

class Rows {
 public:
  explicit Rows(std::unique_ptr<PGresult, ClearResult> result) : result_(std::move(result)) {}

  int size() const { return PQntuples(result_.get()); }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  // As they came; empty for NULL. Also text.
  std::string_view bytes(int row, int column) const;
  std::int64_t integer(int row, int column) const;   // bigint or integer
  double real(int row, int column) const;            // double precision
  Time time(int row, int column) const;              // timestamptz
  std::string_view json(int row, int column) const;  // jsonb
  bool flag(int row, int column) const;

 private:
  std::unique_ptr<PGresult, ClearResult> result_;
};

}  // namespace unity::db::postgres
