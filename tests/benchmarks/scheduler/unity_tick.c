/* A plugin of Unity whose collector does what the callbacks of collectd_tick.c do. Its slots are
 * whole seconds after `phase_ns` on the wall clock; the host skips those that it cannot serve. */
#include <stdlib.h>
#include <string.h>

#include "unity/plugin.h"
#include "unity_manifest.h"

#include "lateness.h"

struct unity_instance {
  int64_t phase_ns;
  int rounds;
};

/* All instances are in one process and have the same settings but for their phase. */
static atomic_int instances;
static int64_t sleep_ns;
static int64_t skipped_rounds;
static char file[512];

/* Behind the key, or NULL. */
static const char* find(const char* json, const char* key) {
  const char* found = strstr(json, key);
  return found != NULL ? found + strlen(key) : NULL;
}

static int64_t number(const char* json, const char* key) {
  const char* found = find(json, key);
  return found != NULL ? atoll(found) : 0;
}

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  char json[1024] = "";
  const char* folder = NULL;
  (void)host;
  (void)call;
  memcpy(json, config->json.ptr, config->json.len < 1023 ? config->json.len : 1023);
  folder = find(json, "\"folder\":\"");
  *out = calloc(1, sizeof **out);
  if (folder == NULL || *out == NULL) return UNITY_E_CONFIG;
  (*out)->phase_ns = number(json, "\"phase_ns\":");
  sleep_ns = number(json, "\"sleep_ns\":");
  skipped_rounds = number(json, "\"skip\":");
  snprintf(file, sizeof file, "%.*s/lateness", (int)strcspn(folder, "\""), folder);
  ++instances;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) {
  free(instance);
  if (--instances == 0) lateness_write(file);
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
