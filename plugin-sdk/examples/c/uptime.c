#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unity/plugin.h"
#include "unity_manifest.h"

struct unity_instance {
  unsigned long long runs;
};

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  (void)host, (void)call, (void)config;
  *out = calloc(1, sizeof **out);
  return *out != NULL ? UNITY_OK : UNITY_E_TRANSIENT;
}

static void destroy(unity_instance* instance) { free(instance); }

static unity_status fail(unity_call* call, unity_status status, const char* message) {
  unity_error error = {.struct_size = sizeof error,
                       .message = {message, strlen(message)},
                       .code = {"uptime.read", 11}};
  call->api->fail(call, &error);
  return status;
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  char text[128];
  double seconds = 0;
  FILE* file = fopen("/proc/uptime", "r");
  if (file == NULL) return fail(call, UNITY_E_TRANSIENT, "cannot open /proc/uptime");
  const int found = fscanf(file, "%lf", &seconds);
  fclose(file);
  if (found != 1) return fail(call, UNITY_E_TRANSIENT, "cannot read /proc/uptime");

  ++instance->runs;
  const int size = snprintf(text, sizeof text,
                            "{\"metric\":\"uptime\",\"values\":{\"seconds\":%.2f}}\n", seconds);
  unity_batch batch = {.struct_size = sizeof batch,
                       .dataset = UNITY_DATASET_METRICS,
                       .format = UNITY_FORMAT_NDJSON,
                       .data = {text, (uint64_t)size}};
  return call->api->emit(call, &batch);
}

static const unity_collector uptime = {.struct_size = sizeof uptime,
                                       .flags = UNITY_COLLECTOR_POLLED,
                                       .name = {"uptime", 6},
                                       .create = create,
                                       .destroy = destroy,
                                       .collect = collect};
static const unity_collector* const collectors[] = {&uptime};
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
