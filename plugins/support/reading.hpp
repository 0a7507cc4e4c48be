// Turns what goes wrong with a file into the failure of a run.
#pragma once

#include <string>
#include <string_view>

#include "support/text.hpp"
#include "unity/plugin.hpp"

namespace unity::plugins {

// Runs `body`. A ReadError becomes a Failure that the host retries: files of the kernel are
// unreadable for a moment, or until somebody mends the machine.
template <class Body>
void reading(std::string_view plugin_id, Body body) {
  try {
    body();
  } catch (const ReadError& error) {
    throw sdk::Failure(UNITY_E_TRANSIENT, std::string(plugin_id) + ".unreadable", error.what());
  }
}

// For loops that may take long on large machines.
inline void stop_if_cancelled(const sdk::Call& call, std::string_view plugin_id) {
  if (call.is_cancelled()) {
    throw sdk::Failure(UNITY_E_CANCELLED, std::string(plugin_id) + ".cancelled",
                       "stopped because the host cancelled the run");
  }
}

}  // namespace unity::plugins
