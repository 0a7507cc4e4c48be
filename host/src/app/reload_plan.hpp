// What a new configuration changes in a running host, before anything is done about it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {

// Everything of a host that a reload compares.
struct HostShape {
  std::vector<Setting> settings;
  std::vector<InstanceShape> instances;
};

struct SettingChange {
  std::string text;  // "interval from 10s to 5s"
  ChangeCost cost = ChangeCost::nothing;
  std::string name = {};
};

// What becomes of one collector.
struct InstanceStep {
  enum class Action : std::uint8_t {
    keep,     // does not notice
    adjust,   // another schedule; all else goes on
    replace,  // its pipeline, or that and its collector, are made anew
    start,
    stop,
  };
  Action action = Action::keep;
  std::string id;
  std::vector<SettingChange> changes;
  ChangeCost cost = ChangeCost::nothing;  // of the dearest change

  // Nothing but its options changed, which the collector may be able to take.
  bool only_options() const;
  bool new_collector() const { return cost >= ChangeCost::code && !only_options(); }
  bool new_pipeline() const { return cost >= ChangeCost::pipeline; }
  bool keeps_memory() const { return cost < ChangeCost::beginning; }  // rates go on
};
std::string_view to_text(InstanceStep::Action action);

struct ReloadPlan {
  std::vector<InstanceStep> instances;  // as in the new configuration; those that stop come last
  std::vector<SettingChange> settings;  // of the host

  bool changes_anything() const;
  const InstanceStep* find(std::string_view id) const;
  // Settings of the host with this cost.
  std::vector<std::string> settings_of(ChangeCost cost) const;
  std::size_t count(InstanceStep::Action action) const;
};

ReloadPlan plan_reload(const HostShape& running, const HostShape& next);

// What a host is once the plan has been applied: what needs a restart is as it was.
HostShape after_reload(const HostShape& running, HostShape next);

// Several lines for people; says so if nothing changes.
std::string to_text(const ReloadPlan& plan);
// Documented in docs/operations.md.
json::Value to_json(const ReloadPlan& plan);

}  // namespace unity::host
