// Does the steps of one migration, and notes how far it got where a statement cannot be taken back.
#pragma once

#include <string_view>

#include "migrate/schema_session.hpp"
#include "migrate/script.hpp"

namespace unity::db {

class StepRunner {
 public:
  StepRunner(SchemaSession& session, Migrations migrations, std::string_view app_version)
      : session_(session), migrations_(migrations), app_version_(app_version) {}

  // `cut_off` is the row of this migration if it did not get to its end the last time.
  Result<MigrationState> apply(int seq, const AppliedMigration* cut_off = nullptr);
  Result<MigrationState> revert(int seq, const AppliedMigration* cut_off = nullptr);
  // Only the row. `remark` is put before its SQL: comments.
  Result<MigrationState> note(int seq, std::string_view remark = {},
                              std::optional<Time> applied_at = {});

 private:
  Result<void> run(const std::vector<Step>& steps, HistoryRow row, const AppliedMigration* cut_off,
                   std::string_view doing);
  // Clears away what a step that was cut off may have left. Whether it has happened.
  Result<bool> resume(const Step& step, std::string_view doing);
  // Whether what was being done when it was cut off has happened.
  Result<bool> has_happened(const schema::Change& change);

  SchemaSession& session_;
  Migrations migrations_;
  std::string_view app_version_;
};

}  // namespace unity::db
