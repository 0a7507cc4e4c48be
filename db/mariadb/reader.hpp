// Answers queries from MariaDB. Each call sees one consistent state of the database.
#pragma once

#include "mariadb/session_pool.hpp"
#include "query/query_reader.hpp"

namespace unity::db::mariadb {

class MariadbReader : public QueryReader {
 public:
  explicit MariadbReader(SessionPool& pool) : pool_(pool) {}

  Result<void> in_view(const Read& read) override;

 private:
  SessionPool& pool_;
};

}  // namespace unity::db::mariadb
