#include "check/behaviour/rows.hpp"

#include <cmath>
#include <cstdlib>
#include <set>

#include "unity/core/json/record_reader.hpp"
#include "unity/core/json/row_reader.hpp"

namespace unity::check {
namespace {

constexpr std::int64_t kNearNs = std::int64_t{3600} * 1'000'000'000;
constexpr std::size_t kShownMax = 160;

std::string shown(std::string_view text) {
  return text.size() <= kShownMax ? std::string(text)
                                  : std::string(text.substr(0, kShownMax)) + "...";
}

bool fits_kind(Kind kind, const FieldValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  if (kind == Kind::text) return std::holds_alternative<std::string>(value);
  if (kind == Kind::boolean) {
    return std::holds_alternative<bool>(value) ||
           (is_number(value) && (as_double(value) == 0 || as_double(value) == 1));
  }
  return is_number(value);
}

void check_field(const std::string& metric, const MetricSpec& spec, const Field& field,
                 Findings& findings) {
  const std::string name = field.name;
  const auto* declared = spec.find(name);
  if (declared == nullptr) {
    // A bare "value" becomes a field of this name, which nobody declares where there is one only.
    if (!spec.open && !(name == kNumericValue && spec.find("value") != nullptr)) {
      findings.fail("metric \"{}\": field \"{}\" is not declared", metric, name);
    }
    return;
  }
  if (!fits_kind(declared->kind, field.value)) {
    findings.fail("metric \"{}\": field \"{}\" is declared as {} and its value is none", metric,
                  name, unity::to_text(declared->kind));
    return;
  }
  if (!is_number(field.value)) return;
  const auto number = as_double(field.value);
  if (!std::isfinite(number))
    findings.fail("metric \"{}\": field \"{}\" is not finite", metric, name);
  if (declared->minimum && number < *declared->minimum) {
    findings.fail("metric \"{}\": field \"{}\" is {}, below its minimum {}", metric, name, number,
                  *declared->minimum);
  }
  if (declared->maximum && number > *declared->maximum) {
    findings.fail("metric \"{}\": field \"{}\" is {}, above its maximum {}", metric, name, number,
                  *declared->maximum);
  }
}

void check_time(const std::string& what, std::int64_t time_ns, std::int64_t now_ns,
                Findings& findings) {
  if (std::abs(time_ns - now_ns) > kNearNs) {
    findings.fail("{} is {:.1f} hours away from the host's clock", what,
                  static_cast<double>(time_ns - now_ns) / 3.6e12);
  }
}

void check_record(const Manifest& manifest, const Record& record, std::int64_t now_unix_ns,
                  std::set<std::string>& seen, Findings& findings) {
  const std::string metric = record.metric;
  const auto* spec = manifest.find_metric(metric);
  if (spec == nullptr) return findings.fail("metric \"{}\" is not declared", metric);
  for (const auto& field : record.fields) check_field(metric, *spec, field, findings);
  for (const auto& declared : spec->fields) {
    const bool there =
        std::any_of(record.fields.begin(), record.fields.end(), [&](const Field& field) {
          return field.name == declared.name &&
                 !std::holds_alternative<std::monostate>(field.value);
        });
    if (declared.required && !there) {
      findings.fail("metric \"{}\": field \"{}\" is required and missing", metric,
                    std::string(declared.name));
    }
  }
  if (!record.time_text.empty()) {
    if (const auto time = parse_rfc3339(record.time_text)) {
      check_time(
          fmt::format("the time of a record of \"{}\"", metric),
          std::chrono::duration_cast<std::chrono::nanoseconds>(time->time_since_epoch()).count(),
          now_unix_ns, findings);
    }
  }
  if (!seen.insert(metric + " " + record.tags.to_json() + " " + record.time_text).second) {
    findings.fail("metric \"{}\" is emitted twice in one run with the tags {}", metric,
                  shown(record.tags.to_json()));
  }
}

// Returns how many there are.
std::size_t check_rows(const DatasetSpec& dataset, const CollectorSpec& collector,
                       const Emission& emission, const Batch& batch, Findings& findings) {
  std::size_t count = 0;
  json::read_rows(emission, dataset, {Time{}, collector.many_devices}, [&](json::ReadRow&& row) {
    ++count;
    if (row.reason.empty()) return;
    findings.fail("a row of \"{}\" is refused as {}: {}: {}", dataset.name, row.reason, row.detail,
                  shown(row.text));
  });
  if (batch.n_rows != 0 && batch.n_rows != count) {
    findings.fail("a batch says that it has {} rows and has {}", batch.n_rows, count);
  }
  return count;
}

}  // namespace

std::size_t check_records(const Manifest& manifest, const CollectorSpec& collector,
                          const Outcome& run, std::int64_t now_unix_ns, Findings& findings) {
  std::set<std::string> seen;
  std::size_t count = 0;
  for (const auto& batch : run.batches) {
    Emission emission;
    emission.format = batch.format == UNITY_FORMAT_NDJSON ? Emission::Format::ndjson
                                                          : Emission::Format::json_array;
    emission.text = batch.data;
    if (batch.dataset != UNITY_DATASET_METRICS) {
      count +=
          check_rows(manifest.datasets.at(batch.dataset - 1), collector, emission, batch, findings);
      continue;
    }
    json::ReadRecords read;
    json::read_records(emission, read);
    for (const auto& bad : read.unreadable) {
      findings.fail("a record cannot be read: {}: {}", bad.detail, shown(bad.text));
    }
    for (const auto& record : read.records) {
      check_record(manifest, record, now_unix_ns, seen, findings);
    }
    const auto records = read.records.size() + read.unreadable.size();
    if (batch.n_rows != 0 && batch.n_rows != records) {
      findings.fail("a batch says that it has {} rows and has {}", batch.n_rows, records);
    }
    if (batch.time_unix_ns != 0) {
      check_time("the time of a batch", batch.time_unix_ns, now_unix_ns, findings);
    }
    count += records;
  }
  return count;
}

}  // namespace unity::check
