/* A plugin of Unity whose collector does what the callbacks of collectd_tick.c do. Its slots are
 * whole seconds after `phase_ns` on the wall clock; the host skips those that it cannot serve. */
#include <string.h>

#include "unity/plugin.h"
#include "unity_manifest.h"

#include "lateness.h"

struct unity_instance {
  int64_t phase_ns;
  int rounds;
};

static atomic_int instances;
static int64_t sleep_ns;
static int64_t skipped_rounds;

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  static const char key[] = "\"phase_ns\":";
  char text[256] = "";
  (void)host;
  (void)call;
  memcpy(text, config->json.ptr, config->json.len < 255 ? config->json.len : 255);
  const char* phase = strstr(text, key);
  *out = calloc(1, sizeof **out);
  if (phase == NULL || *out == NULL) return UNITY_E_CONFIG;
  (*out)->phase_ns = atoll(phase + sizeof key - 1);
  sleep_ns = lateness_setting("TICK_SLEEP_NS");
  skipped_rounds = lateness_setting("TICK_SKIP");
  ++instances;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) {
  free(instance);
  if (--instances == 0) lateness_write();
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  const int64_t now = lateness_now();
  (void)call;
  if (instance->rounds++ >= skipped_rounds) {
    lateness_add((now - instance->phase_ns) % 1000000000, now);
  }
  lateness_sleep(sleep_ns);
  return UNITY_OK;
}

static const unity_collector tick = {.struct_size = sizeof tick,
                                     .flags = UNITY_COLLECTOR_POLLED,
                                     .name = {"tick", 4},
                                     .create = create,
                                     .destroy = destroy,
                                     .collect = collect};
static const unity_collector* const collectors[] = {&tick};
static const unity_plugin plugin = {.struct_size = sizeof plugin,
                                    .abi_target = UNITY_API_TARGET,
                                    .abi_min = UNITY_ABI(1, 0),
                                    .n_collectors = 1,
                                    .collectors = collectors,
                                    .manifest = UNITY_MANIFEST};

UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args* args) {
  (void)args;
  return &plugin;
}
