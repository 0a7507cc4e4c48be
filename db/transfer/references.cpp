#include "transfer/references.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace unity::db::transfer {
namespace {

// Columns with numbers of rows elsewhere, which have no foreign key in tables that grow with time.
struct Reference {
  std::string_view column;
  std::string_view table;
};
constexpr Reference kReferences[] = {
    {"device_id", "devices"}, {"source_id", "metric_sources"}, {"series_id", "metric_series"}};

// The values of a frame are told apart by the series of its source.
constexpr std::string_view kFrames = "metric_frames";
constexpr std::string_view kSeries = "metric_series";

std::set<std::string> referred_by(const schema::Table& table) {
  std::set<std::string> names;
  for (const auto& key : table.foreign_keys) names.insert(key.target_table);
  for (const auto& [column, target] : kReferences) {
    if (table.find(column) != nullptr) names.emplace(target);
  }
  if (table.name == kFrames) names.emplace(kSeries);
  names.erase(table.name);
  return names;
}

}  // namespace

std::vector<std::string> left_out(const Manifest& manifest) {
  std::vector<std::string> names;
  for (const auto& one : transfer_tables(manifest.schema)) {
    if (!manifest.tables.contains(one.table.name)) names.push_back(one.table.name);
  }
  return names;
}

Result<void> require_references(const Manifest& manifest, const std::vector<TransferTable>& tables,
                                const std::filesystem::path& path) {
  for (const auto& one : tables) {
    if (manifest.tables.at(one.table.name).rows == 0) continue;
    auto missing = referred_by(one.table);
    std::erase_if(missing, [&](const auto& name) { return manifest.tables.contains(name); });
    if (missing.empty()) continue;
    return Error{
        Errc::refused,
        fmt::format("cannot import {}: rows of {} refer to rows of {}, which the export leaves "
                    "out: in another database their numbers may mean something else. Export "
                    "again without --table, or with these tables as well",
                    path.string(), one.table.name, fmt::join(missing, " and "))};
  }
  return {};
}

}  // namespace unity::db::transfer
