// The record's own summary, or what a template makes of it, becomes a text field.
#include <fmt/format.h>

#include <map>

#include "stages.hpp"
#include "unity/core/model/summary_template.hpp"

namespace unity {
namespace {

class Summary : public Processor {
 public:
  explicit Summary(std::map<std::string, SummaryTemplate> templates)
      : templates_(std::move(templates)) {}

  Verdict process(Record& record, const RunContext&) override {
    if (record.summary.empty()) {
      const auto found = templates_.find(record.metric);
      if (found == templates_.end() || !found->second.render(record, record.summary)) {
        return Verdict::keep();
      }
    }
    record.fields.push_back(
        {std::string(kSummary), std::move(record.summary), Kind::text, std::string()});
    record.summary.clear();
    return Verdict::keep();
  }

 private:
  std::map<std::string, SummaryTemplate> templates_;  // by metric
};

}  // namespace

StageMaker read_summary(Options& in) {
  std::map<std::string, std::string> texts;
  in.mapping("templates", [&](const std::string& metric, const json::Value& value) {
    const auto place = "templates/" + pointer_step(metric);
    const auto* text = value.string();
    if (text == nullptr) return in.complain(place, "a template must be text");
    const auto parsed = SummaryTemplate::parse(*text);
    if (!parsed) return in.complain(place, parsed.error().message);
    texts.emplace(metric, *text);
  });
  return [texts](StageBuild& build) {
    std::map<std::string, SummaryTemplate> templates;
    for (const auto* metric : build.metrics()) {
      const auto own = texts.find(metric->name);
      const auto& text = own != texts.end() ? own->second : metric->summary;
      if (text.empty()) continue;
      const auto place = "templates/" + pointer_step(metric->name);
      const auto parsed = SummaryTemplate::parse(text);  // parsed before, hence good
      if (own != texts.end()) {
        for (const auto& field : parsed->fields()) {
          if (metric->open || metric->find(field) != nullptr) continue;
          build.complain(place,
                         fmt::format("metric \"{}\" has no field \"{}\"", metric->name, field));
        }
      }
      templates.emplace(metric->name, *parsed);
    }
    for (const auto& [metric, text] : texts) {
      if (templates.count(metric) == 0) {
        build.complain("templates/" + pointer_step(metric),
                       fmt::format("there is no metric \"{}\" here", metric));
      }
    }
    return std::make_unique<Summary>(std::move(templates));
  };
}

}  // namespace unity
