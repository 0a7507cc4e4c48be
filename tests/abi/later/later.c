/* A plugin written for the simulated 1.1 that also works on a host of 1.0: it uses what is new
 * where it is there, and says in its record what it found. */
#include <stdio.h>
#include <string.h>
#include <unity/plugin.h>

#include "unity_manifest.h"

#if UNITY_ABI_LATEST != UNITY_ABI(1, 1)
#error "this plugin is built against the simulated 1.1"
#endif

#ifndef LATER_NEEDS
#define LATER_NEEDS 0 /* the minor of abi_min */
#endif

static unity_host* kept; /* one instance is enough here */

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  (void)call;
  (void)config;
  kept = host;
  *out = (unity_instance*)(void*)&kept;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) { (void)instance; }

static unity_status emit(unity_call* call, const char* record, uint64_t of_1_1) {
  unity_batch batch = {0};
  batch.struct_size = sizeof batch;
  batch.format = UNITY_FORMAT_NDJSON;
  batch.data.ptr = record;
  batch.data.len = strlen(record);
  batch.of_1_1 = of_1_1;
  return call->api->emit(call, &batch);
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  static const char name[] = "golden.collects";
  const unity_str metric = {name, sizeof name - 1};
  const int offered = UNITY_HAS(kept->api, unity_host_api, metric_add);
  char text[256];
  int added = UNITY_E_UNSUPPORTED;
  (void)instance;
  if (offered) added = kept->api->metric_add(kept, metric, 1);
  snprintf(text, sizeof text,
           "{\"metric\":\"golden\",\"values\":{\"host_minor\":%u,\"offered\":%d,\"added\":%d,"
           "\"used\":%d}}\n",
           (unsigned)(kept->api->abi & 0xffff), offered, added,
           (int)emit(call, "{\"metric\":\"golden\",\"tags\":{\"of\":\"1.1\"},\"value\":1}\n", 7));
  return emit(call, text, 0);
}

static unity_status explain(unity_instance* instance, unity_call* call) {
  (void)instance;
  (void)call;
  return UNITY_OK;
}

static const unity_collector later = {sizeof later, UNITY_COLLECTOR_POLLED,
                                      {"later", 5}, create,
                                      destroy,      collect,
                                      NULL,         NULL,
                                      NULL,         NULL,
                                      explain};
static const unity_collector* const collectors[] = {&later};
static const unity_plugin plugin = {sizeof plugin, UNITY_API_TARGET, UNITY_ABI(1, LATER_NEEDS), 1,
                                    collectors,    UNITY_MANIFEST};

UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args* args) {
  (void)args;
  return &plugin;
}
