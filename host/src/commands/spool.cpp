#include <fmt/format.h>

#include <iostream>

#include "base/table.hpp"
#include "commands/support.hpp"
#include "unity/core/json/record_writer.hpp"
#include "unity/db/spool_tools.hpp"

namespace unity::host {
namespace {

std::optional<std::filesystem::path> folder_of(const SpoolOptions& options) {
  if (options.folder) return options.folder;
  const auto loaded = load_and_report(options.common);
  if (!loaded) return std::nullopt;
  return loaded->config->spool.path;
}

json::Value to_json(const db::SpoolReport& report) {
  json::Array segments;
  for (const auto& one : report.segments) {
    segments.emplace_back(
        json::Object{{"file", one.file},
                     {"bytes", static_cast<std::int64_t>(one.bytes)},
                     {"first", static_cast<std::int64_t>(one.first.records)},
                     {"end", static_cast<std::int64_t>(one.end.records)},
                     {"entries", static_cast<std::int64_t>(one.entries)},
                     {"damaged_bytes", static_cast<std::int64_t>(one.damaged_bytes)},
                     {"missing_records", static_cast<std::int64_t>(one.missing_records)},
                     {"created", to_rfc3339(one.created)},
                     {"problem", text_or_null(one.problem)}});
  }
  json::Array cursors;
  for (const auto& [id, position] : report.cursors) {
    cursors.emplace_back(
        json::Object{{"id", id}, {"acked", static_cast<std::int64_t>(position.records)}});
  }
  return json::Object{{"segments", std::move(segments)},
                      {"cursors", std::move(cursors)},
                      {"in_use", report.in_use},
                      {"damaged", report.damaged()},
                      {"torn_bytes", static_cast<std::int64_t>(report.torn_bytes)},
                      {"quarantined_bytes", static_cast<std::int64_t>(report.quarantined_bytes)}};
}

void print_report(const db::SpoolReport& report) {
  Table table({"SEGMENT", "BYTES", "ENTRIES", "FIRST", "END", "MISSING", "CREATED", "PROBLEM"});
  for (const auto& one : report.segments) {
    table.add({one.file, fmt::to_string(one.bytes), fmt::to_string(one.entries),
               fmt::to_string(one.first.records), fmt::to_string(one.end.records),
               fmt::to_string(one.missing_records), to_rfc3339(one.created),
               one.problem.empty() ? "-" : one.problem});
  }
  if (!table.empty()) print(table.to_text());
  const auto end = report.segments.empty() ? 0 : report.segments.back().end.records;
  for (const auto& [id, position] : report.cursors) {
    print(fmt::format("{} has everything before {}; {} wait for it\n", id, position.records,
                      end - std::min(end, position.records)));
  }
  if (report.in_use) print("a host has this spool open\n");
  if (report.torn_bytes > 0) {
    print(fmt::format("the last {} bytes are {}\n", report.torn_bytes,
                      report.in_use ? "being written" : "of a write that was interrupted"));
  }
  if (report.quarantined_bytes > 0) {
    print(fmt::format("{} damaged bytes lie in quarantine/\n", report.quarantined_bytes));
  }
}

}  // namespace

int spool_ls_command(const SpoolOptions& options) {
  const auto folder = folder_of(options);
  if (!folder) return kExitBadConfig;
  const auto found = db::inspect_spool(*folder);
  if (!found) return report(found.error());
  if (options.common.json) {
    print_json(to_json(*found));
  } else {
    print_report(*found);
  }
  return kExitDone;
}

int spool_verify_command(const SpoolOptions& options) {
  const auto folder = folder_of(options);
  if (!folder) return kExitBadConfig;
  const auto found = db::inspect_spool(*folder);
  if (!found) return report(found.error());
  if (options.common.json) {
    print_json(to_json(*found));
  } else {
    std::uint64_t entries = 0;
    for (const auto& one : found->segments) {
      entries += one.entries;
      if (!one.problem.empty()) print(fmt::format("{}: {}\n", one.file, one.problem));
    }
    print(fmt::format("{} segments, {} entries verify{}\n", found->segments.size(), entries,
                      found->damaged() ? "; the rest is damaged, see `unity spool repair`" : ""));
  }
  return found->damaged() ? kExitDifferences : kExitDone;
}

int spool_cat_command(const SpoolOptions& options) {
  const auto folder = folder_of(options);
  if (!folder) return kExitBadConfig;
  std::size_t left = options.limit;
  const auto done = db::visit_spool(
      *folder, options.from, [&](const db::SpoolVisit& at, const db::SpoolEntry& entry) {
        print(fmt::format("{} run {} of {}: {} records, {}:{}\n", at.first.records, entry.run,
                          entry.instance, entry.records.size(), at.file, at.offset));
        for (const auto& record : entry.records) print("  " + json::to_json(record) + "\n");
        return --left > 0;
      });
  return done ? kExitDone : report(done.error());
}

int spool_export_command(const SpoolOptions& options) {
  const auto folder = folder_of(options);
  if (!folder) return kExitBadConfig;
  const auto done = db::visit_spool(*folder, options.from,
                                    [&](const db::SpoolVisit& at, const db::SpoolEntry& entry) {
                                      for (std::size_t i = 0; i < entry.records.size(); ++i) {
                                        if (at.first.records + i < options.from) continue;
                                        print(json::to_json(entry.records[i]) + "\n");
                                      }
                                      return true;
                                    });
  return done ? kExitDone : report(done.error());
}

int spool_repair_command(const SpoolOptions& options) {
  const auto folder = folder_of(options);
  if (!folder) return kExitBadConfig;
  const auto done = db::repair_spool(*folder);
  if (!done) return report(done.error());
  for (const auto& line : *done) print(line + "\n");
  if (done->empty()) print("nothing is damaged\n");
  return kExitDone;
}

}  // namespace unity::host
