// Gives metrics, fields and tags other names.
#include <fmt/format.h>

#include "field_finder.hpp"
#include "stages.hpp"

namespace unity {
namespace {

using Names = std::vector<std::pair<std::string, std::string>>;  // from, to

struct RenameOptions {
  Names metrics;
  Names fields;
  Names tags;
};

class Rename : public Processor {
 public:
  explicit Rename(const RenameOptions& options) : metrics_(options.metrics), tags_(options.tags) {
    for (const auto& [from, to] : options.fields) fields_.emplace_back(FieldFinder(from), to);
  }

  Verdict process(Record& record, const RunContext&) override {
    for (auto& [finder, to] : fields_) {
      auto* field = finder.in(record);
      if (field == nullptr) continue;
      for (const auto& other : record.fields) {
        if (other.name != to) continue;
        return Verdict::reject("name taken",
                               fmt::format("field \"{}\" of \"{}\" cannot become \"{}\", which the "
                                           "record has already",
                                           finder.name(), record.metric, to));
      }
      field->name = to;
    }
    for (const auto& [from, to] : tags_) {
      if (const auto* value = record.tags.find(from)) {
        const std::string kept = *value;
        record.tags.erase(from);
        record.tags.set(to, kept);
      }
    }
    for (const auto& [from, to] : metrics_) {
      if (record.metric != from) continue;
      record.metric = to;
      break;
    }
    return Verdict::keep();
  }

 private:
  Names metrics_;
  std::vector<std::pair<FieldFinder, std::string>> fields_;
  Names tags_;
};

void read_names(Options& in, const char* option, bool ours, Names& names) {
  in.mapping(option, [&](const std::string& from, const json::Value& value) {
    const auto place = fmt::format("{}/{}", option, pointer_step(from));
    const auto* to = value.string();
    if (to == nullptr || to->empty()) return in.complain(place, "the new name must be text");
    if (ours && to->starts_with('_')) {
      return in.complain(place, "names that begin with '_' belong to the host");
    }
    names.emplace_back(from, *to);
  });
}

}  // namespace

StageMaker read_rename(Options& in) {
  RenameOptions options;
  read_names(in, "metrics", true, options.metrics);
  read_names(in, "fields", true, options.fields);
  read_names(in, "tags", false, options.tags);
  if (options.metrics.empty() && options.fields.empty() && options.tags.empty()) {
    in.complain("", "`rename` needs `metrics`, `fields` or `tags`: old names with the new ones");
  }
  return [options](StageBuild& build) {
    for (const auto& [from, to] : options.fields) {
      build.need_field(from, "fields/" + pointer_step(from));
    }
    for (const auto& [from, to] : options.metrics) {
      build.need_metric(from, "metrics/" + pointer_step(from));
    }
    build.change([&](MetricSpec& metric) {
      for (auto& field : metric.fields) {
        for (const auto& [from, to] : options.fields) {
          if (field.name == from) field.name = to;
        }
      }
      for (const auto& [from, to] : options.metrics) {
        if (metric.name != from) continue;
        metric.name = to;
        break;
      }
    });
    return std::make_unique<Rename>(options);
  };
}

}  // namespace unity
