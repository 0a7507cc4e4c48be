#include "check/behaviour/stage.hpp"

namespace unity::check {

void for_each_subject(const Context& context, Findings& findings,
                      const std::function<void(const Subject&)>& check) {
  World::get().page = context.page;
  const auto* plugin = Plugin::open(context, findings);
  if (plugin == nullptr) return;
  for (const auto& collector : plugin->collectors) {
    const auto config = usual_config(*collector.spec, context.options.config);
    if (!config) {
      findings.skip("collector \"{}\": {}", collector.name, config.error().message);
      continue;
    }
    check({collector, *plugin, json::dump(*config)});
  }
}

bool create_or_skip(Instance& instance, Findings& findings) {
  const auto outcome = instance.create();
  if (outcome.status >= 0 && instance.made()) return true;
  if (outcome.status >= 0) {
    findings.skip("{}: create() succeeded without making an instance: see E25", instance.name());
  } else {
    findings.skip("{}: create() failed with {}; give options with which it works by --config",
                  instance.name(), outcome.text());
  }
  return false;
}

}  // namespace unity::check
