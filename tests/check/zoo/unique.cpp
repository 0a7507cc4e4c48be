// A static member of a template with default visibility: one in the whole process, whichever plugin
// brought it first.
#include <unity/plugin.h>

#include "unity_manifest.h"

template <class T>
struct __attribute__((visibility("default"))) Shared {
  static T value;
};
template <class T>
T Shared<T>::value = 7;

struct unity_instance {};

namespace {

unity_status create(unity_host*, unity_call*, const unity_config*, unity_instance** out) {
  static unity_instance only;
  *out = &only;
  return Shared<int>::value > 0 ? UNITY_OK : UNITY_E_INTERNAL;
}
void destroy(unity_instance*) {}
unity_status collect(unity_instance*, unity_call*) { return UNITY_OK; }

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
