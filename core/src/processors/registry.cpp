#include "unity/core/processors/registry.hpp"

#include <algorithm>

#include "unity/core/processors/enrich.hpp"
#include "unity/core/processors/rate.hpp"
#include "unity/core/processors/timestamp.hpp"
#include "unity/core/processors/validate.hpp"

namespace unity {
namespace {

struct Stage {
  std::string_view name;
  std::unique_ptr<Processor> (*make)(const StageContext&);
};

// A new stage is one line here, at the place where it belongs.
constexpr Stage kStages[] = {
    {"validate", make_validate},
    {"timestamp", make_timestamp},
    {"rate", make_rate},
    {"enrich", make_enrich},
};

}  // namespace

Pipeline make_pipeline(const StageContext& context, std::initializer_list<std::string_view> only) {
  std::vector<std::unique_ptr<Processor>> stages;
  for (const auto& stage : kStages) {
    const bool wanted =
        only.size() == 0 || std::find(only.begin(), only.end(), stage.name) != only.end();
    if (wanted) stages.push_back(stage.make(context));
  }
  return Pipeline(context.origin, std::move(stages));
}

std::vector<std::string> stage_names() {
  std::vector<std::string> names;
  for (const auto& stage : kStages) names.emplace_back(stage.name);
  return names;
}

}  // namespace unity
