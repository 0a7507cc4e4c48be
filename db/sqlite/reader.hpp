// Answers queries from an SQLite file. Each call sees one consistent state of it.
#pragma once

#include "query/query_reader.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

class SqliteReader : public QueryReader {
 public:
  explicit SqliteReader(Connection& connection) : connection_(connection) {}

  Result<void> in_view(const Read& read) override;

 private:
  Connection& connection_;
};

}  // namespace unity::db
