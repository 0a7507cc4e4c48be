// `unity db verify` and `repair`.
#include <fmt/format.h>

#include <iostream>

#include "commands/db_support.hpp"
#include "host_version.hpp"

namespace unity::host {
namespace {

json::Value to_json(const db::SchemaVerification& verification) {
  json::Array migrations;
  for (const auto& migration : verification.migrations) {
    json::Array objects;
    for (const auto& object : migration.objects) {
      objects.emplace_back(
          json::Object{{"name", object.name}, {"findings", json::array_of(object.findings)}});
    }
    migrations.emplace_back(json::Object{{"seq", migration.seq},
                                         {"name", migration.name},
                                         {"history", migration.history},
                                         {"objects", std::move(objects)}});
  }
  return json::Object{{"good", verification.is_good()},
                      {"migrations", std::move(migrations)},
                      {"others", json::array_of(verification.others)}};
}

void print_verification(const db::SchemaVerification& verification) {
  for (const auto& migration : verification.migrations) {
    print(fmt::format("{:04} {}: {}\n", migration.seq, migration.name, migration.history));
    for (const auto& object : migration.objects) {
      if (object.findings.empty()) print(fmt::format("  {}: good\n", object.name));
      for (const auto& finding : object.findings) {
        print(fmt::format("  {}: {}\n", object.name, finding));
      }
    }
  }
  for (const auto& finding : verification.others) print(fmt::format("beside: {}\n", finding));
  if (verification.migrations.empty()) print("nothing was applied yet\n");
}

}  // namespace

int db_verify_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto verification = db::verify_schema(database);
    if (!verification) return report(verification.error());
    if (options.common.json) {
      print_json(to_json(*verification));
    } else {
      print_verification(*verification);
    }
    return verification->is_good() ? kExitDone : kExitDifferences;
  });
}

int db_repair_command(const DbOptions& options) {
  if (options.reason.find_first_not_of(" \t") == std::string::npos) {
    std::cerr << "unity db repair: say why with --reason; it is kept in the history\n";
    return kExitUsage;
  }
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    return tell(options, db::repair_schema(database, kHostVersion, options.seq, options.reason),
                "the row is right already");
  });
}

}  // namespace unity::host
