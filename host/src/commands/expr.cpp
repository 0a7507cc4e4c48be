// `unity expr`: checks one expression and evaluates it on a sample record, with or without a
// plugin's manifest to check it against.
#include <fmt/format.h>

#include <array>
#include <iostream>

#include "commands/support.hpp"
#include "config/files.hpp"
#include "plugin/plugin_set.hpp"
#include "unity/core/base/suggest.hpp"
#include "unity/core/expression/expression.hpp"
#include "unity/core/json/record_reader.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity::host {
namespace {

Error invalid(std::string message) { return {Errc::invalid, std::move(message)}; }

// The file, or standard input for "-", of at most the size of a record.
Result<std::string> read_sample(const std::string& file) {
  if (file != "-") {
    auto text = read_file(file, json::kRecordSizeMax);
    if (text) return text;
    return Error{text.error().code,
                 fmt::format("cannot read the record {}: {}", file, text.error().message)};
  }
  std::string text;
  std::array<char, 4096> block{};
  while (text.size() <= json::kRecordSizeMax &&
         std::cin.read(block.data(), block.size()).gcount()) {
    text.append(block.data(), static_cast<std::size_t>(std::cin.gcount()));
  }
  if (text.size() <= json::kRecordSizeMax) return text;
  return invalid(fmt::format("a record has at most {} bytes", json::kRecordSizeMax));
}

// One record, read and checked as a host would.
Result<Record> read_record(const std::string& file, const std::shared_ptr<const Manifest>& manifest,
                           bool validate) {
  const auto text = read_sample(file);
  if (!text) return text.error();
  // A record for people may stand on several lines.
  const auto document = json::parse(*text);
  if (!document) return invalid(fmt::format("the record {}: {}", file, document.error().message));
  StageContext context;
  context.manifest = manifest;
  context.origin = std::make_shared<const Origin>(
      Origin{"localhost", manifest ? manifest->id : std::string("sample"), "sample"});
  auto pipeline = validate ? make_pipeline(context, {"validate", "timestamp"})
                           : make_pipeline(context, {"timestamp"});
  Emission emission;
  emission.text = json::dump(*document);
  if (document->array() != nullptr) emission.format = Emission::Format::json_array;
  auto output = pipeline.process({emission}, {});
  if (!output.rejected.empty()) {
    const auto& bad = output.rejected.front();
    return invalid(fmt::format("the record {}: {}: {}", file, bad.reason, bad.detail));
  }
  if (output.records.size() == 1) return std::move(output.records.front());
  return invalid(fmt::format("{} has {} records; give one", file, output.records.size()));
}

Result<std::shared_ptr<const Manifest>> find_manifest(const ExprOptions& options) {
  auto folders = options.plugin_dirs;
  if (folders.empty()) folders = {bundled_plugin_dir()};
  auto plugins = scan_plugins(folders);
  if (!plugins) return plugins.error();
  const auto found = plugins->by_id.find(options.plugin);
  if (found != plugins->by_id.end()) {
    return std::make_shared<const Manifest>(std::move(found->second.manifest));
  }
  const auto near = nearest(options.plugin, plugins->ids());
  return Error{Errc::not_found, fmt::format("there is no plugin {}{}", options.plugin,
                                            near ? fmt::format("; did you mean {}?", *near) : "")};
}

Result<MetricSpec> find_metric(const Manifest& manifest, const std::string& name) {
  if (const auto* found = manifest.find_metric(name)) return *found;
  std::vector<std::string> names;
  for (const auto& metric : manifest.metrics) names.push_back(metric.name);
  if (name.empty()) {
    return invalid(fmt::format("which metric of {}? Add --metric with one of {}", manifest.id,
                               fmt::join(names, ", ")));
  }
  const auto near = nearest(name, names);
  return invalid(fmt::format("{} has no metric {}; {}", manifest.id, name,
                             near ? fmt::format("did you mean {}?", *near)
                                  : fmt::format("there are {}", fmt::join(names, ", "))));
}

json::Value to_json(const Value& value) {
  switch (value.type) {
    case ValueType::number:
      return value.number;
    case ValueType::boolean:
      return value.number != 0;
    case ValueType::text:
      return std::string(value.text);
    default:
      return nullptr;
  }
}

void show(const Expression& expression, const Value& value, bool json) {
  const auto type =
      expression.type() == ValueType::any && !value.is_null() ? value.type : expression.type();
  const auto unit = expression.unit() ? expression.unit()->text() : std::string();
  if (json) {
    print_json(json::Object{{"value", to_json(value)},
                            {"type", std::string(to_text(type))},
                            {"unit", unit.empty() ? json::Value() : json::Value(unit)}});
    return;
  }
  const auto shown =
      value.type == ValueType::text ? std::string(value.text) : json::dump(to_json(value));
  print(fmt::format("value  {}\ntype   {}\nunit   {}\n", shown, to_text(type),
                    unit.empty() ? "-" : unit));
}

}  // namespace

int expr_command(const ExprOptions& options) {
  if (options.plugin.empty() && (!options.metric.empty() || options.rates)) {
    std::cerr << "unity: --metric and --rates need --plugin\n";
    return kExitUsage;
  }
  Expression::Wanted wanted;
  if (!options.unit.empty()) {
    auto unit = parse_unit(options.unit);
    if (!unit) {
      std::cerr << "unity: --unit: " << unit.error().message << "\n";
      return kExitUsage;
    }
    wanted.unit = std::move(*unit);
  }
  std::shared_ptr<const Manifest> manifest;
  if (!options.plugin.empty()) {
    auto found = find_manifest(options);
    if (!found) return report(found.error());
    manifest = std::move(*found);
  }
  Record record;
  record.origin = std::make_shared<const Origin>();
  if (!options.record.empty()) {
    // Declared units are those of counters; after `rate` they would be wrong.
    auto read = read_record(options.record, manifest, manifest != nullptr && !options.rates);
    if (!read) return report(read.error());
    record = std::move(*read);
  }
  std::vector<MetricSpec> metrics;
  if (manifest) {
    auto metric =
        find_metric(*manifest, options.metric.empty() ? record.metric.text() : options.metric);
    if (!metric) return report(metric.error());
    metrics.push_back(std::move(*metric));
    if (options.rates) {
      for (auto& field : metrics.front().fields) field = as_rate(std::move(field));
    }
  }
  Mistake mistake;
  auto expression = Expression::compile(
      options.text, {metrics.empty() ? nullptr : &metrics.front(), {}}, wanted, &mistake);
  if (!expression) {
    std::cerr << render(mistake, options.text);
    return kExitFailed;
  }
  show(*expression, expression->evaluate(record), options.json);
  return kExitDone;
}

}  // namespace unity::host
