// What stands behind the tables that a plugin is given: the host itself where the plugin runs
// inline, the way to it in a worker.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/ports/collector.hpp"
#include "unity/plugin.h"

namespace unity::host {

// Overwrites what a secret was in, also where the compiler thinks that nobody looks any more.
void wipe(std::string& secret);

// For one instance, from create() to the return of destroy(). Any thread. None of these waits for
// anything but the host.
class PluginServices {
 public:
  virtual ~PluginServices() = default;

  virtual void log(std::uint32_t level, std::string_view message, std::string_view fields) = 0;
  virtual std::uint32_t log_min_level() const = 0;
  // UNITY_OK; E_NOT_FOUND; E_DENIED: the manifest or the operator does not permit it. `value` is to
  // be wiped.
  virtual unity_status secret(std::string_view name, std::string& value) = 0;
  // UNITY_OK; E_NOT_FOUND.
  virtual unity_status state_get(std::string_view key, std::string& value) = 0;
  // UNITY_OK; E_DENIED: no state is permitted; E_LIMIT: more than is permitted. An empty value
  // deletes.
  virtual unity_status state_put(std::string_view key, std::string_view value) = 0;
  // What the secrets open was closed to them. True if one is another now, so that it is worth to
  // begin anew.
  virtual bool credentials_rejected() { return false; }
};

// How long a plugin is ready to wait. Longer than a year is for ever, without running over.
inline Duration patience_of(std::uint64_t wait_ns) {
  constexpr std::uint64_t longest = std::uint64_t{365} * 24 * 3600 * 1'000'000'000;
  return Duration(static_cast<Duration::rep>(std::min(wait_ns, longest)));
}

// What an emission of a stream takes while it waits. One without records takes something as well.
inline std::size_t size_in_flow(const Emission& emission) {
  constexpr std::size_t around = 128;
  return emission.text.size() + emission.checkpoint.size() + emission.dataset.size() + around;
}

// Takes what a stream emits. Any thread.
class StreamSink {
 public:
  // UNITY_OK; E_AGAIN: no room, also not after `wait_ns`; E_CANCELLED.
  virtual unity_status push(Emission&& emission, std::uint64_t wait_ns) = 0;
  virtual void ready() = 0;
  virtual void shut() = 0;  // nobody waits in push() any more, now or later

 protected:
  ~StreamSink() = default;
};

}  // namespace unity::host
