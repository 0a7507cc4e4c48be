// Any text as a manifest: what is accepted holds what the rest of the host takes for granted, and
// reads the same once more from its own document.
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "require.hpp"
#include "unity/core/json/schema.hpp"
#include "unity/core/model/manifest.hpp"
#include "unity/core/model/summary_template.hpp"

namespace {

using unity::fuzz::require;
namespace json = unity::json;

// Schemas are compiled again at each start of an instance, and held against foreign values.
void use_schema(const json::Value& schema, const json::Value& document) {
  const auto compiled = json::Schema::compile(schema);
  require(bool{compiled}, "a schema in a manifest compiles");
  auto copy = document;
  (void)compiled->check(copy);
  auto empty = json::Value(json::Object());
  const bool fits = compiled->check(empty).empty();
  require(!fits || compiled->check(empty).empty(), "filled in defaults fit");
}

void check_collector(const unity::Manifest& manifest, const unity::CollectorSpec& collector) {
  require(!collector.name.empty(), "a collector has a name");
  require(manifest.find_collector(collector.name) == &collector, "no two have the same");
  if (!collector.config_schema.is_null()) {
    use_schema(collector.config_schema, manifest.document);
  }
}

void check_metric(const unity::Manifest& manifest, const unity::MetricSpec& metric) {
  require(!metric.name.empty() && !metric.name.text().starts_with('_'), "a metric has its name");
  require(manifest.find_metric(metric.name) == &metric, "no two metrics have the same name");
  std::size_t required = 0;
  for (const auto& field : metric.fields) {
    require(!field.name.empty(), "a field has a name");
    require(metric.find(field.name) == &field, "no two fields have the same name");
    require(field.kind != unity::Kind::rate, "a plugin emits no rate");
    required += field.required ? 1 : 0;
  }
  require(required == metric.required, "the required fields are counted");
  if (!metric.schema.is_null()) use_schema(metric.schema, manifest.document);
  require(bool{unity::SummaryTemplate::parse(metric.summary)}, "a summary is a template");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = unity::parse_manifest({reinterpret_cast<const char*>(data), size});

  if (!manifest) {
    require(!manifest.error().message.empty(), "a refusal has a reason");
    return 0;
  }
  require(!manifest->id.empty() && !manifest->version.empty() && !manifest->name.empty(),
          "a plugin has an id, a version and a name");
  require(!manifest->collectors.empty(), "a plugin offers a collector");
  require(manifest->cancel_grace >= unity::Duration::zero() &&
              manifest->cancel_grace <= std::chrono::minutes(1),
          "the grace is bounded");
  for (const auto& collector : manifest->collectors) check_collector(*manifest, collector);
  for (const auto& metric : manifest->metrics) check_metric(*manifest, metric);

  // As text: 2e1 is written as 20, which has another type in memory.
  const auto written = json::dump(manifest->document);
  const auto again = unity::parse_manifest(written);
  require(again && json::dump(again->document) == written, "the document reads as it was written");
  return 0;
}
