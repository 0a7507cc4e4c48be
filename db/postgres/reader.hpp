// Answers queries from PostgreSQL. Each call sees one consistent state of the database.
#pragma once

#include "postgres/session_pool.hpp"
#include "query/query_reader.hpp"

namespace unity::db::postgres {

class PostgresReader : public QueryReader {
 public:
  explicit PostgresReader(SessionPool& pool) : pool_(pool) {}

  Result<void> in_view(const Read& read) override;

 private:
  SessionPool& pool_;
};

}  // namespace unity::db::postgres
