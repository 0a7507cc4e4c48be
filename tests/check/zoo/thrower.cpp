// Written against the C header without a barrier: what it throws leaves it.
#include <stdexcept>

#include <unity/plugin.h>

#include "unity_manifest.h"

struct unity_instance {};

namespace {

unity_status create(unity_host*, unity_call*, const unity_config*, unity_instance** out) {
  static unity_instance only;
  *out = &only;
  return UNITY_OK;
}
void destroy(unity_instance*) {}
unity_status collect(unity_instance*, unity_call*) { throw std::runtime_error("the cage is open"); }

const unity_collector animal = {sizeof(unity_collector),
                                UNITY_COLLECTOR_POLLED,
                                {"animal", 6},
                                create,
                                destroy,
                                collect,
                                nullptr,
                                nullptr,
                                nullptr,
                                nullptr};
const unity_collector* const collectors[] = {&animal};
const unity_plugin plugin = {sizeof(unity_plugin), UNITY_API_TARGET, UNITY_ABI(1, 0), 1,
                             collectors,           UNITY_MANIFEST};

}  // namespace

extern "C" UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args*) {
  return &plugin;
}
