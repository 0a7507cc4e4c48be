#include "check/behaviour/stage.hpp"

#include "check/process/watchdog.hpp"

namespace unity::check {

void for_each_subject(const Context& context, Findings& findings,
                      const std::function<void(const Subject&)>& check) {
  World::get().page = context.page;
  start_watchdog(context.page);
  const auto* plugin = Plugin::open(context, findings);
  if (plugin == nullptr) return;
  World::get().grace = plugin->manifest.cancel_grace;
  World::get().datasets.clear();
  for (const auto& dataset : plugin->manifest.datasets) {
    World::get().datasets.push_back(dataset.name);
  }
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

Life live_with(const Subject& subject, const std::string& config, const std::string& name,
               int works) {
  const auto& table = subject.collector.table;
  Instance instance(subject.collector, name, config);
  Life life;
  life.created = instance.create();
  life.made = instance.made();
  if (!life.made) return life;
  if (table.probe != nullptr) (void)instance.probe();
  for (int i = 0; i < works; ++i) life.worked.push_back(instance.work());
  if (table.interrupt != nullptr) instance.interrupt();
  if (table.reconfigure != nullptr && instance.reconfigure(config).status >= 0) {
    life.worked.push_back(instance.work());
  }
  return life;
}

Life live(const Subject& subject, const std::string& name, int works) {
  return live_with(subject, subject.config, name, works);
}

void live_well_and_badly(const Subject& subject, Findings& findings) {
  auto& world = World::get();
  const auto usual = world.plan;
  const auto life = live(subject);
  if (!life.made) {
    findings.skip("{}: create() failed with {}; give options with which it works by --config",
                  subject.collector.name, life.created.text());
  }
  for (const bool stays : {false, true}) {
    for (std::int64_t i = 0; i < 4; ++i) {
      world.plan = usual;
      world.plan.fault_at = i;
      world.plan.fault_stays = stays;
      world.plan.fault = stays ? UNITY_E_DENIED : UNITY_E_LIMIT;
      world.reset_fallible_calls();
      (void)live(subject, "one", 1);
      // A streaming one takes its time: the faults that stay are enough for it.
      if (subject.collector.streaming() || world.fallible_calls() <= i) break;
    }
  }
  world.plan = usual;
}

}  // namespace unity::check
