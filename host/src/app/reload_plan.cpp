#include "app/reload_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace unity::host {
namespace {

const Setting* find(std::span<const Setting> settings, std::string_view name) {
  for (const auto& setting : settings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

std::string words(const Setting* before, const Setting* after) {
  const auto& name = (after != nullptr ? after : before)->name;
  if (before == nullptr) return name + " is new";
  if (after == nullptr) return name + " is gone";
  if (!after->shown) return name + " changed";
  const auto shown = [](const std::string& value) { return value.empty() ? "none" : value; };
  return fmt::format("{} from {} to {}", name, shown(before->value), shown(after->value));
}

std::vector<SettingChange> compare(std::span<const Setting> before,
                                   std::span<const Setting> after) {
  std::vector<SettingChange> changes;
  for (const auto& setting : after) {
    const auto* old = find(before, setting.name);
    if (old != nullptr && old->value == setting.value) continue;
    changes.push_back({words(old, &setting), setting.cost, setting.name});
  }
  for (const auto& setting : before) {
    if (find(after, setting.name) != nullptr) continue;
    changes.push_back({words(&setting, nullptr), setting.cost, setting.name});
  }
  return changes;
}

InstanceStep compare_instance(const InstanceShape& before, const InstanceShape& after) {
  InstanceStep step{InstanceStep::Action::keep, after.id, compare(before.settings, after.settings)};
  if (step.changes.empty()) return step;
  step.action = InstanceStep::Action::adjust;
  for (const auto& change : step.changes) step.cost = std::max(step.cost, change.cost);
  if (step.new_pipeline()) step.action = InstanceStep::Action::replace;
  return step;
}

}  // namespace

bool InstanceStep::only_options() const {
  return action == Action::replace && cost == ChangeCost::beginning &&
         std::all_of(changes.begin(), changes.end(), [](const SettingChange& change) {
           return change.cost < ChangeCost::code || change.name.starts_with("config.");
         });
}

bool ReloadPlan::changes_anything() const {
  return !settings.empty() || count(InstanceStep::Action::keep) != instances.size();
}

const InstanceStep* ReloadPlan::find(std::string_view id) const {
  const auto found = std::find_if(instances.begin(), instances.end(),
                                  [&](const InstanceStep& step) { return step.id == id; });
  return found != instances.end() ? &*found : nullptr;
}

std::vector<std::string> ReloadPlan::settings_of(ChangeCost cost) const {
  std::vector<std::string> texts;
  for (const auto& change : settings) {
    if (change.cost == cost) texts.push_back(change.text);
  }
  return texts;
}

std::size_t ReloadPlan::count(InstanceStep::Action action) const {
  return static_cast<std::size_t>(
      std::count_if(instances.begin(), instances.end(),
                    [&](const InstanceStep& step) { return step.action == action; }));
}

ReloadPlan plan_reload(const HostShape& running, const HostShape& next) {
  std::map<std::string_view, const InstanceShape*> before;
  for (const auto& instance : running.instances) before.emplace(instance.id, &instance);

  ReloadPlan plan;
  plan.settings = compare(running.settings, next.settings);
  for (const auto& instance : next.instances) {
    const auto old = before.extract(instance.id);
    plan.instances.push_back(
        old ? compare_instance(*old.mapped(), instance)
            : InstanceStep{InstanceStep::Action::start, instance.id, {}, ChangeCost::beginning});
  }
  for (const auto& instance : running.instances) {
    if (!before.contains(instance.id)) continue;
    plan.instances.push_back({InstanceStep::Action::stop, instance.id, {}, ChangeCost::nothing});
  }
  return plan;
}

HostShape after_reload(const HostShape& running, HostShape next) {
  const auto waits = [](const Setting& setting) { return setting.cost == ChangeCost::restart; };
  std::erase_if(next.settings, waits);
  std::copy_if(running.settings.begin(), running.settings.end(), std::back_inserter(next.settings),
               waits);
  return next;
}

}  // namespace unity::host
