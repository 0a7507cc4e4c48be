// Keeps a collector from making series without end, and names the tag that would.
#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "condition_log.hpp"
#include "record_key.hpp"
#include "stages.hpp"

namespace unity {
namespace {

struct GuardOptions {
  std::size_t series_max = 10'000;     // of one metric
  std::size_t tag_values_max = 1'000;  // of one tag of one metric
  bool drop_tag = false;               // instead of the record
};

class Cardinality : public Processor {
 public:
  explicit Cardinality(const GuardOptions& options) : options_(options) {}

  Verdict process(Record& record, const RunContext& context) override {
    auto& metric = metrics_[record.metric];
    // What is known has been let in before.
    if (metric.series.count(key_.of(record)) > 0) return Verdict::keep();
    for (auto offender = new_value_too_many(metric, record); !offender.empty();
         offender = new_value_too_many(metric, record)) {
      note(offender, record, context, options_.tag_values_max, "values");
      if (!options_.drop_tag) return Verdict::drop("cardinality");
      record.tags.erase(offender);
    }
    const auto& key = key_.of(record);
    if (metric.series.count(key) > 0) return Verdict::keep();
    if (metric.series.size() >= options_.series_max) {
      note(widest_tag(metric), record, context, options_.series_max, "series");
      return Verdict::drop("cardinality");
    }
    metric.series.insert(key);
    for (const auto& [name, value] : record.tags) metric.tags[name].insert(value);
    return Verdict::keep();
  }

  std::vector<Condition> conditions() const override { return log_.all(); }

 private:
  struct Metric {
    std::unordered_set<std::string> series;
    std::unordered_map<std::string, std::unordered_set<std::string>> tags;
  };

  // The first tag that would get one value more than it may have.
  std::string new_value_too_many(const Metric& metric, const Record& record) const {
    for (const auto& [name, value] : record.tags) {
      const auto tag = metric.tags.find(name);
      if (tag == metric.tags.end() || tag->second.size() < options_.tag_values_max) continue;
      if (tag->second.count(value) == 0) return name;
    }
    return {};
  }

  static std::string widest_tag(const Metric& metric) {
    std::string widest;
    std::size_t most = 0;
    for (const auto& [name, values] : metric.tags) {
      if (values.size() > most || (values.size() == most && name < widest)) widest = name;
      most = std::max(most, values.size());
    }
    return widest;
  }

  void note(const std::string& tag, const Record& record, const RunContext& context,
            std::size_t most, std::string_view what) {
    const auto* value = record.tags.find(tag);
    log_.add("cardinality",
             fmt::format("metric \"{}\" would have more than {} {}; tag \"{}\" grows{}",
                         record.metric, most, what, tag,
                         value != nullptr ? fmt::format(", now with \"{:.100}\"", *value) : ""),
             context.started);
  }

  GuardOptions options_;
  RecordKey key_;
  std::unordered_map<std::string, Metric> metrics_;
  ConditionLog log_;
};

}  // namespace

StageMaker read_cardinality(Options& in) {
  GuardOptions options;
  constexpr std::int64_t kMost = 1'000'000;
  if (const auto most = in.whole("max_series", 1, kMost)) {
    options.series_max = static_cast<std::size_t>(*most);
  }
  if (const auto most = in.whole("max_tag_values", 1, kMost)) {
    options.tag_values_max = static_cast<std::size_t>(*most);
  }
  options.drop_tag = in.choice("action", {"drop_record", "drop_tag"}).value_or(0) == 1;
  return [options](StageBuild&) { return std::make_unique<Cardinality>(options); };
}

}  // namespace unity
