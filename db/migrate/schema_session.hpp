// One session with a database whose schema is looked at or changed: what an adapter offers, and all
// that the migration engine knows of a database.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/registry.hpp"
#include "migrate/plan.hpp"
#include "schema/catalog.hpp"
#include "schema/change.hpp"

namespace unity::db {

// A row of schema_migrations, to be written.
struct HistoryRow {
  int seq = 0;
  std::string_view name;
  std::string_view checksum;  // 32 bytes
  MigrationProgress progress = MigrationProgress::done;
  std::optional<int> dirty_step;  // the step that is being done
  Time started_at{};
  std::optional<Time> finished_at;
  std::string_view app_version;
  std::string_view applied_by;
  std::string_view dialect;
  std::string_view sql_text;
  bool breaking = false;
};

// `doing` completes "cannot … <place>" in the message of a failure.
class SchemaSession {
 public:
  virtual ~SchemaSession() = default;

  virtual Dialect dialect() const = 0;
  virtual std::string place() const = 0;  // the database, for messages
  // Whether all since begin() can be taken back until commit(), or until what is executed alone.
  // Else each statement is final.
  virtual bool is_atomic() const = 0;

  virtual Result<History> history() = 0;
  virtual Result<schema::Catalog> inspect() = 0;
  // What inspect() should find where `schema` is.
  virtual Result<schema::Catalog> expect(const schema::Schema& schema) = 0;

  // Keeps out everybody else who changes the schema until the session ends.
  virtual Result<void> begin(std::string_view doing) = 0;
  virtual Result<void> execute(const std::string& statement, std::string_view doing) = 0;
  // Outside of any transaction, which some statements want: what was done since begin() is final
  // before, and so is each of these.
  virtual Result<void> execute_alone(const std::vector<std::string>&, std::string_view doing) {
    return Error{Errc::internal, std::string(doing) + ": no step of this database is alone"};
  }
  // Takes away what a change that was cut off and has not happened may have left behind where
  // inspect() does not see it.
  virtual Result<void> clear_ruin(const schema::Change&, std::string_view) { return {}; }
  // Adds the row, or replaces the one with its seq.
  virtual Result<void> write(const HistoryRow& row, std::string_view doing) = 0;
  virtual Result<void> erase(int seq, std::string_view doing) = 0;
  // The column sql_text of a row; empty if there is no such row.
  virtual Result<std::string> recorded_sql(int seq) = 0;
  virtual Result<void> commit(std::string_view doing) = 0;

  // Makes what goes with the tables of `schema` and is no part of them as configured: how old rows
  // are compressed. Costs little if it is so. Outside of begin() and commit().
  virtual Result<void> arrange(const schema::Schema&) { return {}; }
  // Of this session: between begin() and commit() if it writes.
  virtual DatasetRegistry& datasets() = 0;
};

}  // namespace unity::db
