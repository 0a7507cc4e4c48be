// What a configuration comes to, as named values that can be compared and shown: one list for the
// host, one for each collector that can be started. Each value knows what a change of it costs.
#pragma once

#include <string>
#include <vector>

#include "app/plan.hpp"

namespace unity::host {

// From the cheapest to the dearest.
enum class ChangeCost : std::uint8_t {
  nothing,    // taken over while everything goes on
  pipeline,   // the stages are made anew and take over what the old ones remember
  code,       // so is the collector
  beginning,  // and nothing is taken over: what is measured may be another thing
  restart,    // in effect with the next start of the host
  refused,    // for a host of its own
};

struct Setting {
  std::string name;   // as in the file: "retry_count", "config.root"
  std::string value;  // as text; empty: none
  ChangeCost cost = ChangeCost::nothing;
  bool shown = true;  // else it may be secret, or is too long
};

// What a running collector was made from.
struct InstanceShape {
  std::string id;
  std::filesystem::path file;  // of its plugin, and its hash
  std::string hash;
  std::vector<Setting> settings;
};

// `device` is the host's own name.
InstanceShape describe(const InstancePlan& plan, const Config& config, const std::string& device);
std::vector<InstanceShape> describe(const std::vector<InstancePlan>& plans, const Config& config,
                                    const std::string& device);

// What belongs to the host as a whole.
std::vector<Setting> describe(const Config& config);

}  // namespace unity::host
