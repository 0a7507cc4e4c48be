// What a running host knows of itself at one moment, and the ways to show it.
#pragma once

#include <string>
#include <vector>

#include "app/latest_values.hpp"
#include "delivery/delivery.hpp"
#include "runtime/runner.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {

// A database, as people and configurations name it.
struct StoragePlace {
  std::string type;
  std::string place;
};

struct HostStatus {
  Time now{};
  Time started{};
  std::string config;  // the configuration file
  std::string state_dir;
  std::string http_url;  // empty: not served
  DeliveryState delivery;
  std::vector<StoragePlace> places;  // of the storages, in the order of `delivery`
  ScheduleStatus schedule;
  std::vector<InstanceStatus> instances;
  std::size_t workers = 0;                // processes that run plugins
  std::size_t abandoned = 0;              // killed, and do not die
  std::vector<std::string> not_enforced;  // of their confinement, and why
  std::vector<std::string> warnings;      // faults that an operator should look at
};

// The account of the required storage that is furthest behind: of the host as a whole.
const Accounting& overall(const DeliveryState& delivery);

// Why records do not get where they should at present; empty if they do.
std::string find_problem(const DeliveryState& delivery);

// Faults that follow from the numbers: an account that does not balance, a storage that fails,
// records that were lost.
std::vector<std::string> find_faults(const HostStatus& status);

// The answer to `unity status --json`; its members are documented in docs/operations.md.
json::Value to_json(const HostStatus& status);
// The answer to `unity run-now --json`.
json::Value to_json(const RunOutcome& outcome);

// Prometheus text (exposition format 0.0.4) about the host, and the given collected values.
std::string to_prometheus(const HostStatus& status, const std::vector<LatestValue>& values);

// A screen for people, at most `width` columns: what `unity run --live` shows.
std::string to_screen(const HostStatus& status, const std::vector<LatestValue>& values,
                      const std::vector<std::string>& log_lines, std::size_t width);

}  // namespace unity::host
