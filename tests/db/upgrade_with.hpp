// A schema brought to the head of other migrations than this binary's.
#pragma once

#include <string_view>
#include <vector>

#include "migrate/upgrade.hpp"
#include "registry.hpp"

namespace unity::test {

inline Result<std::vector<db::MigrationState>> upgrade_with(const db::DatabaseConfig& config,
                                                            db::Migrations migrations,
                                                            std::string_view app_version) {
  auto session = db::open_schema(config);
  if (!session) return std::move(session).error();
  return db::upgrade(**session, migrations, {migrations.back().seq, app_version, false});
}

}  // namespace unity::test
