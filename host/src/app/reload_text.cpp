// The ways to show a plan.
#include <fmt/format.h>

#include "app/reload_plan.hpp"

namespace unity::host {
namespace {

using Action = InstanceStep::Action;

std::string join(const std::vector<SettingChange>& changes) {
  std::string text;
  for (const auto& change : changes) text += (text.empty() ? "" : ", ") + change.text;
  return text;
}

// What an operator must know beyond what changed.
std::string consequence(const InstanceStep& step) {
  if (step.action != Action::replace) return "";
  return step.keeps_memory() ? "; its rates go on" : "; its rates begin anew";
}

std::string line(const InstanceStep& step) {
  const auto changes = join(step.changes);
  return fmt::format("  {:<8} {}{}{}{}\n", to_text(step.action), step.id,
                     changes.empty() ? "" : ": ", changes, consequence(step));
}

}  // namespace

std::string_view to_text(Action action) {
  switch (action) {
    case Action::keep:
      return "keep";
    case Action::adjust:
      return "adjust";
    case Action::replace:
      return "replace";
    case Action::start:
      return "start";
    case Action::stop:
      break;
  }
  return "stop";
}

std::string to_text(const ReloadPlan& plan) {
  if (!plan.changes_anything()) return "nothing changes\n";
  auto text = fmt::format(
      "collectors: {} to start, {} to stop, {} to replace, {} to adjust, {} to "
      "keep\n",
      plan.count(Action::start), plan.count(Action::stop), plan.count(Action::replace),
      plan.count(Action::adjust), plan.count(Action::keep));
  for (const auto& step : plan.instances) {
    if (step.action != Action::keep) text += line(step);
  }
  for (const auto& change : plan.settings_of(ChangeCost::nothing)) {
    text += "at once: " + change + "\n";
  }
  for (const auto& change : plan.settings_of(ChangeCost::restart)) {
    text += "only with the next start: " + change + "\n";
  }
  for (const auto& change : plan.settings_of(ChangeCost::refused)) {
    text += "refused, stop the host and start it again: " + change + "\n";
  }
  return text;
}

json::Value to_json(const ReloadPlan& plan) {
  json::Array instances;
  for (const auto& step : plan.instances) {
    std::vector<std::string> changes;
    for (const auto& change : step.changes) changes.push_back(change.text);
    instances.emplace_back(json::Object{{"id", step.id},
                                        {"action", to_text(step.action)},
                                        {"changes", json::array_of(changes)},
                                        {"keeps_rates", step.keeps_memory()}});
  }
  return json::Object{{"changes", plan.changes_anything()},
                      {"instances", std::move(instances)},
                      {"at_once", json::array_of(plan.settings_of(ChangeCost::nothing))},
                      {"needs_restart", json::array_of(plan.settings_of(ChangeCost::restart))},
                      {"refused", json::array_of(plan.settings_of(ChangeCost::refused))}};
}

}  // namespace unity::host
