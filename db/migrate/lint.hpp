// What in a migration may hurt: the data, the hosts of another version, or whoever waits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/plan.hpp"
#include "schema/change.hpp"

namespace unity::db {

struct LintFinding {
  enum class Class : std::uint8_t {
    destructive,            // data goes
    backward_incompatible,  // an older version fails
    data_dependent,         // fails if rows are not as it wants them
    rewrites,               // every row of the table is written again
  };
  int seq = 0;
  Class what{};
  std::string text;
  bool allowed = false;  // the migration says that it is breaking, or it need not
};

std::string_view to_text(LintFinding::Class what);

// In the order of the migrations.
std::vector<LintFinding> lint(Migrations migrations, Dialect dialect);

}  // namespace unity::db
