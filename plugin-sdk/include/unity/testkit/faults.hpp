// What a plugin does when the host cannot do what it is asked: every call that can fail is made to
// fail, one in each repetition of a scenario.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include "unity/plugin.h"
#include "unity/testkit/host.hpp"

namespace unity::testkit {

struct FaultSweep {
  std::size_t repetitions = 0;
  // Failures that the plugin swallowed: every call returned OK, nothing was logged as a warning.
  std::vector<std::string> silent;
  std::vector<std::string> breaches;
};

// `scenario(Host&)` makes an instance and uses it, and copes with each call's failing. It runs once
// in peace, to count the calls, and then once for each of them and each status.
template <class Scenario>
FaultSweep sweep_faults(Scenario scenario,
                        std::initializer_list<unity_status> statuses = {
                            UNITY_E_LIMIT, UNITY_E_AGAIN, UNITY_E_DENIED, UNITY_E_INTERNAL}) {
  FaultSweep sweep;
  std::size_t calls = 0;
  {
    Host host;
    scenario(host);
    calls = host.calls();
  }
  for (std::size_t call = 1; call <= calls; ++call) {
    for (const auto status : statuses) {
      Host host;
      host.fail_call(call, status);
      scenario(host);
      ++sweep.repetitions;
      for (const auto& breach : host.breaches()) sweep.breaches.push_back(breach);
      // To find a stream's queue full and to try again is no trouble.
      const bool full = status == UNITY_E_AGAIN && host.fault_hit() == "stream emit";
      if (host.fault_hit().empty() || host.trouble_reported() || full) continue;
      sweep.silent.push_back(host.fault_hit() + ", call " + std::to_string(call) + ", status " +
                             std::to_string(status));
    }
  }
  return sweep;
}

}  // namespace unity::testkit
