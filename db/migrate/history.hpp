// The table schema_migrations of one database: all that an adapter has to say for its schema to be
// upgraded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/plan.hpp"

namespace unity::db {

// What is noted of a migration that was applied.
struct HistoryRow {
  int seq = 0;
  std::string_view name;
  std::string_view checksum;  // 32 bytes
  Time started_at{};
  Time finished_at{};
  std::string_view app_version;
  std::string_view applied_by;
  std::string_view dialect;
  std::string_view sql_text;
};

// `doing` completes "cannot … <place>" in the message of a failure.
class History {
 public:
  virtual ~History() = default;

  virtual Dialect dialect() const = 0;
  virtual std::string place() const = 0;  // the database, for messages
  // In order; nothing if the schema is empty. Refused if it belongs to something else.
  virtual Result<std::optional<std::vector<AppliedMigration>>> read() = 0;
  virtual Result<void> execute(const std::string& statement, std::string_view doing) = 0;
  virtual Result<void> add(const HistoryRow& row, std::string_view doing) = 0;
};

}  // namespace unity::db
