// The C++ face of the plugin ABI: write a class, end the file with UNITY_PLUGIN(...).
//
//   class Uptime {
//    public:
//     Uptime(unity::sdk::Host, const unity::sdk::Options&) {}
//     void collect(unity::sdk::Call call) { ... call.emit(records); }
//   };
//   UNITY_PLUGIN(unity::sdk::polled<Uptime>("uptime"))
//
// unity/sdk/collector.hpp says what else the class may have; streaming<Class> is for collectors
// that push.
//
// Exceptions never cross the line: Failure keeps its class, anything else becomes
// UNITY_E_INTERNAL with its text.
#pragma once

#include "unity/plugin.h"
#include "unity/sdk/barrier.hpp"
#include "unity/sdk/call.hpp"
#include "unity/sdk/collector.hpp"
#include "unity/sdk/failure.hpp"
#include "unity/sdk/host.hpp"
#include "unity/sdk/options.hpp"
#include "unity/sdk/records.hpp"
#include "unity/sdk/rows.hpp"
#include "unity/sdk/secret.hpp"
#include "unity/sdk/stream.hpp"

// Takes one polled<Class>("name") or streaming<Class>("name") for each collector. Use once in a
// plugin, in the source that includes "unity_manifest.h" (unity_add_plugin writes it from the
// manifest).
#define UNITY_PLUGIN(...)                                                                          \
  namespace {                                                                                      \
  constexpr unity_collector unity_collectors_[] = {__VA_ARGS__};                                   \
  constexpr auto unity_collector_pointers_ = ::unity::sdk::detail::pointers_to(unity_collectors_); \
  const unity_plugin unity_plugin_ = {sizeof(unity_plugin),                                        \
                                      UNITY_API_TARGET,                                            \
                                      UNITY_ABI(1, 0),                                             \
                                      static_cast<uint32_t>(unity_collector_pointers_.size()),     \
                                      unity_collector_pointers_.data(),                            \
                                      UNITY_MANIFEST};                                             \
  }                                                                                                \
  extern "C" UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args*) {     \
    return &unity_plugin_;                                                                         \
  }
