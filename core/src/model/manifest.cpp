#include "unity/core/model/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "manifest_reader.hpp"
#include "unity/core/model/summary_template.hpp"

namespace unity {
namespace {

using json::Value;

bool is_identifier(std::string_view text, std::string_view extra) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           extra.find(c) != extra.npos;
  });
}

void complain_of_underscore(ManifestReader& in, const std::string& name, const std::string& where) {
  if (name.starts_with('_')) in.complain(where, "names that begin with '_' belong to the host");
}

FieldSpec read_field(ManifestReader& in, const Value& value, const std::string& where) {
  in.only(value, where,
          {"name", "description", "unit", "kind", "minimum", "maximum", "required", "enum"});
  FieldSpec field;
  field.name = in.text(value, where, "name", true, 200);
  complain_of_underscore(in, field.name, where);
  field.unit = in.text(value, where, "unit", false, 32);
  field.minimum = in.number(value, where, "minimum");
  field.maximum = in.number(value, where, "maximum");
  field.required = in.flag(value, where, "required");
  for (const auto& one : in.list(value, where, "enum", false)) {
    field.allowed.push_back(to_field_value(one));
    if (std::holds_alternative<std::monostate>(field.allowed.back())) {
      in.complain(where, "\"enum\" may hold numbers, text and booleans");
    }
  }
  const auto kind = in.text(value, where, "kind", false, 16);
  if (!kind.empty() && (!parse_kind(kind, field.kind) || field.kind == Kind::rate)) {
    in.complain(where, fmt::format("kind \"{}\" is none of gauge, counter, bool, text", kind));
  }
  return field;
}

void check_summary(ManifestReader& in, const MetricSpec& metric, const std::string& where) {
  const auto summary = SummaryTemplate::parse(metric.summary);
  if (!summary) return in.complain(where + "/summary", summary.error().message);
  for (const auto& field : summary->fields()) {
    if (metric.open || metric.find(field) != nullptr) continue;
    in.complain(where + "/summary", fmt::format("there is no field \"{}\"", field));
  }
}

MetricSpec read_metric(ManifestReader& in, const Value& value, const std::string& where) {
  in.only(value, where, {"name", "description", "fields", "open", "schema", "summary"});
  MetricSpec metric;
  metric.name = in.text(value, where, "name", true, 200);
  complain_of_underscore(in, metric.name, where);
  metric.description = in.text(value, where, "description", false, 1000);
  metric.open = in.flag(value, where, "open");
  std::set<std::string> seen;
  for (const auto& element : in.list(value, where, "fields", !metric.open)) {
    metric.fields.push_back(
        read_field(in, element, fmt::format("{}/fields/{}", where, metric.fields.size())));
    if (!seen.insert(metric.fields.back().name).second) {
      in.complain(where, fmt::format("field \"{}\" appears twice", metric.fields.back().name));
    }
    metric.required += metric.fields.back().required ? 1 : 0;
  }
  if (const auto* schema = value.find("schema")) {
    metric.schema = *schema;
    const auto compiled = json::Schema::compile(*schema);
    if (!compiled) in.complain(where + "/schema", compiled.error().message);
  }
  metric.summary = in.text(value, where, "summary", false, 500);
  if (!metric.summary.empty()) check_summary(in, metric, where);
  return metric;
}

CollectorSpec read_collector(ManifestReader& in, const Value& value, const std::string& where) {
  in.only(value, where,
          {"name", "description", "mode", "interval", "concurrency", "config", "datasets",
           "many_devices"});
  CollectorSpec collector;
  collector.name = in.text(value, where, "name", true, 100);
  if (!collector.name.empty() && !is_identifier(collector.name, "_-.")) {
    in.complain(where, "\"name\" may hold letters, digits, '_', '-' and '.'");
  }
  collector.description = in.text(value, where, "description", false, 1000);
  collector.many_devices = in.flag(value, where, "many_devices");
  const auto mode = in.text(value, where, "mode", false, 16);
  if (!mode.empty() && mode != "polled" && mode != "streaming") {
    in.complain(where, fmt::format("mode \"{}\" is neither polled nor streaming", mode));
  }
  collector.streaming = mode == "streaming";
  if (const auto* interval = value.find("interval")) {
    in.only(*interval, where + "/interval", {"default", "min"});
    collector.default_interval = in.duration(*interval, where + "/interval", "default");
    collector.min_interval =
        in.duration(*interval, where + "/interval", "min").value_or(Duration::zero());
  }
  if (const auto* schema = value.find("config")) {
    collector.config_schema = *schema;
    const auto compiled = json::Schema::compile(*schema);
    if (!compiled) in.complain(where + "/config", compiled.error().message);
  }
  return collector;
}

// The columns of a dataset that are series as well: fields of a metric with its name.
MetricSpec metric_of(const DatasetSpec& dataset) {
  MetricSpec metric;
  metric.name = dataset.name;
  metric.description = dataset.description;
  for (const auto& column : dataset.columns) {
    if (!column.metric) continue;
    FieldSpec field;
    field.name = column.name;
    field.unit = column.unit;
    field.kind = *column.metric;
    metric.fields.push_back(std::move(field));
  }
  return metric;
}

void read_manifest_dataset(ManifestReader& in, const Value& value, const std::string& where,
                           Manifest& manifest) {
  std::vector<DatasetProblem> problems;
  auto dataset = read_dataset(value, false, problems);
  for (const auto& problem : problems) in.complain(where + problem.pointer, problem.message);
  dataset.owner = manifest.id;
  if (dataset.has_metrics()) manifest.metrics.push_back(metric_of(dataset));
  manifest.datasets.push_back(std::move(dataset));
}

void read_abi_min(ManifestReader& in, const Value& document, Manifest& manifest) {
  const auto text = in.text(document, "manifest", "abi_min", true, 16);
  if (text.empty()) return;
  const auto dot = text.find('.');
  const auto number = [&](std::size_t from, std::size_t to, std::uint32_t& out) {
    const auto result = std::from_chars(text.data() + from, text.data() + to, out);
    return result.ec == std::errc() && result.ptr == text.data() + to;
  };
  if (dot == text.npos || !number(0, dot, manifest.abi_min_major) ||
      !number(dot + 1, text.size(), manifest.abi_min_minor)) {
    in.complain("manifest", fmt::format("\"abi_min\" is \"{}\", not of the form \"1.0\"", text));
  }
}

Permissions read_declared_permissions(ManifestReader& in, const Value& value) {
  std::vector<PermissionProblem> problems;
  const auto declared = read_permissions(value, problems);
  for (const auto& problem : problems) {
    in.complain("/permissions" + problem.pointer, problem.message);
  }
  return change_permissions({}, declared);
}

template <class Specs>
auto* find_named(const Specs& specs, std::string_view name) {
  const auto found =
      std::find_if(specs.begin(), specs.end(), [&](const auto& spec) { return spec.name == name; });
  return found != specs.end() ? &*found : nullptr;
}

template <class Specs>
void complain_of_twins(ManifestReader& in, const Specs& specs, std::string_view what) {
  std::set<std::string> seen;
  for (const auto& spec : specs) {
    if (!seen.insert(spec.name).second) {
      in.complain("manifest", fmt::format("{} \"{}\" appears twice", what, spec.name));
    }
  }
}

}  // namespace

FieldValue to_field_value(const json::Value& value) {
  return std::visit(
      [](const auto& held) -> FieldValue {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, json::Array> || std::is_same_v<Held, json::Object>) {
          return std::monostate();
        } else {
          return held;
        }
      },
      value.data());
}

std::string unit_of_rate(const std::string& unit) { return (unit.empty() ? "1" : unit) + "/s"; }

FieldSpec as_rate(FieldSpec field) {
  if (field.kind != Kind::counter) return field;
  field.kind = Kind::rate;
  field.unit = unit_of_rate(field.unit);
  field.minimum.reset();  // those were of the count
  field.maximum.reset();
  field.required = false;  // the first record has none
  return field;
}

const FieldSpec* MetricSpec::find(std::string_view field) const {
  return find_named(fields, field);
}
const CollectorSpec* Manifest::find_collector(std::string_view wanted) const {
  return find_named(collectors, wanted);
}
const MetricSpec* Manifest::find_metric(std::string_view wanted) const {
  return find_named(metrics, wanted);
}
const DatasetSpec* Manifest::find_dataset(std::string_view wanted) const {
  return find_named(datasets, wanted);
}

Result<Manifest> parse_manifest(std::string_view text) {
  auto document = json::parse(text);
  if (!document) return Error{Errc::invalid, "the manifest is " + document.error().message};

  ManifestReader in;
  Manifest manifest;
  manifest.document = std::move(*document);
  const Value& root = manifest.document;
  in.only(root, "manifest",
          {"manifest", "id", "version", "name", "description", "category", "license", "homepage",
           "abi_min", "runtime", "requires_worker", "permissions", "collectors", "metrics",
           "datasets", "experimental"});
  if (const auto* version = in.member(root, "manifest", "manifest", true);
      version != nullptr && version->integer() != 1) {
    in.complain("manifest", "\"manifest\" (the form's version) must be 1");
  }
  manifest.id = in.text(root, "manifest", "id", true, 100);
  if (!manifest.id.empty() && !is_identifier(manifest.id, "_-.")) {
    in.complain("manifest", "\"id\" may hold letters, digits, '_', '-' and '.'");
  }
  manifest.version = in.text(root, "manifest", "version", true, 50);
  manifest.name = in.text(root, "manifest", "name", true, 200);
  manifest.description = in.text(root, "manifest", "description", false, 2000);
  manifest.category = in.text(root, "manifest", "category", false, 50);
  manifest.license = in.text(root, "manifest", "license", false, 100);
  manifest.requires_worker = in.flag(root, "manifest", "requires_worker");
  read_abi_min(in, root, manifest);

  manifest.cancel_grace = std::chrono::seconds(2);
  if (const auto* runtime = root.find("runtime")) {
    if (runtime->object() == nullptr) in.complain("runtime", "must be an object");
    if (const auto grace = in.number(*runtime, "runtime", "cancel_grace_ms")) {
      if (*grace < 0 || *grace > 60'000) {
        in.complain("runtime", "\"cancel_grace_ms\" must be 0..60000");
      } else {
        manifest.cancel_grace = std::chrono::milliseconds(static_cast<std::int64_t>(*grace));
      }
    }
  }
  if (const auto* permissions = root.find("permissions")) {
    manifest.permissions = read_declared_permissions(in, *permissions);
  }
  for (const auto& element : in.list(root, "manifest", "collectors", true)) {
    manifest.collectors.push_back(
        read_collector(in, element, fmt::format("/collectors/{}", manifest.collectors.size())));
  }
  if (manifest.collectors.empty()) in.complain("manifest", "it offers no collector");
  for (const auto& element : in.list(root, "manifest", "metrics", false)) {
    manifest.metrics.push_back(
        read_metric(in, element, fmt::format("/metrics/{}", manifest.metrics.size())));
  }
  for (const auto& element : in.list(root, "manifest", "datasets", false)) {
    read_manifest_dataset(in, element, fmt::format("/datasets/{}", manifest.datasets.size()),
                          manifest);
    if (manifest.datasets.size() > kDatasetsMax) {
      in.complain("/datasets", fmt::format("more than {} datasets", kDatasetsMax));
      break;
    }
  }
  complain_of_twins(in, manifest.collectors, "collector");
  complain_of_twins(in, manifest.metrics, "metric");
  complain_of_twins(in, manifest.datasets, "dataset");

  if (auto problems = in.problems(); !problems.empty()) {
    return Error{Errc::invalid, std::move(problems)};
  }
  return manifest;
}

}  // namespace unity
