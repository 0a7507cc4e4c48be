#include "transfer/manifest.hpp"

#include <fmt/format.h>

#include "transfer/canonical_text.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db::transfer {
namespace {

constexpr int kVersion = 1;
constexpr const char* kVersionName = "unity_export";

json::Value to_json(const std::optional<Time>& time) {
  if (!time) return nullptr;
  std::string text;
  append_time(text, *time);
  return text;
}

std::optional<Time> time_of(const json::Value& object, std::string_view name) {
  return parse_rfc3339(text_of(object, name));
}

json::Value describe(const Manifest& manifest) {
  json::Object tables;
  for (const auto& [name, table] : manifest.tables) {
    tables.emplace_back(name, json::Object{{"rows", table.rows},
                                           {"sha256", table.sha256},
                                           {"min_time", to_json(table.min_time)},
                                           {"max_time", to_json(table.max_time)}});
  }
  json::Object object{
      {kVersionName, kVersion},           {"app_version", manifest.app_version},
      {"schema", manifest.schema},        {"dialect", manifest.dialect},
      {"format", manifest.format},        {"exported_at", to_json(manifest.exported_at)},
      {"since", to_json(manifest.since)}, {"tables", std::move(tables)}};
  if (!manifest.left_out.empty()) {
    object.emplace_back("left_out", json::array_of(manifest.left_out));
  }
  if (manifest.datasets.empty()) return object;
  json::Array datasets;
  for (const auto& layout : manifest.datasets) {
    datasets.push_back(*json::parse(db::to_json(layout)));
  }
  object.emplace_back("datasets", std::move(datasets));
  return object;
}

std::int64_t integer_of(const json::Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value != nullptr ? value->integer() : 0;
}

Manifest read(const json::Value& value) {
  Manifest manifest;
  manifest.app_version = text_of(value, "app_version");
  manifest.schema = static_cast<int>(integer_of(value, "schema"));
  manifest.dialect = text_of(value, "dialect");
  manifest.format = text_of(value, "format");
  manifest.exported_at = time_of(value, "exported_at").value_or(Time());
  manifest.since = time_of(value, "since");
  const auto* datasets = value.find("datasets");
  if (datasets != nullptr && datasets->array() != nullptr) {
    for (const auto& one : *datasets->array()) {
      // One that cannot be read is missing when the manifest is written again to be compared.
      if (auto layout = parse_layout(json::dump(one))) {
        manifest.datasets.push_back(std::move(*layout));
      }
    }
  }
  const auto* tables = value.find("tables");
  const auto* left_out = value.find("left_out");
  if (left_out != nullptr && left_out->array() != nullptr) {
    for (const auto& one : *left_out->array()) {
      if (one.string() != nullptr) manifest.left_out.push_back(*one.string());
    }
  }
  const auto* members = tables != nullptr ? tables->object() : nullptr;
  if (members == nullptr) return manifest;
  for (const auto& [name, table] : *members) {
    manifest.tables.emplace(name,
                            TableSummary{static_cast<std::uint64_t>(integer_of(table, "rows")),
                                         text_of(table, "sha256"), time_of(table, "min_time"),
                                         time_of(table, "max_time")});
  }
  return manifest;
}

}  // namespace

std::string to_text(const Manifest& manifest, bool pretty) {
  auto value = describe(manifest);
  value.set("sha256", to_hex(sha256(json::dump(value))));
  return json::dump(value, pretty ? json::Style::pretty : json::Style::compact);
}

Result<Manifest> parse_manifest(std::string_view text, bool pretty, std::string_view place) {
  const auto value = json::parse(text);
  const auto version = value ? integer_of(*value, kVersionName) : 0;
  if (value && value->find("tables") != nullptr && version > kVersion) {
    return Error{Errc::refused, fmt::format("{} was written by unity {}, in a form that this "
                                            "version does not know: use that version, or a newer "
                                            "one",
                                            place, text_of(*value, "app_version"))};
  }
  if (value && version == kVersion) {
    auto manifest = read(*value);
    if (to_text(manifest, pretty) == text) return manifest;
  }
  return Error{Errc::refused,
               fmt::format("{} is damaged, or is no export of unity's: its manifest cannot be "
                           "trusted. Make the export again",
                           place)};
}

}  // namespace unity::db::transfer
