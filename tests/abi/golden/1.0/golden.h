/* What the golden plugins of 1.0 share. They are kept as they were when 1.0 was released, are built
 * against the header as it was then, and must run on every later host of major 1. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unity/plugin.h>

#if UNITY_ABI_LATEST != UNITY_ABI(1, 0)
#error "a golden plugin of 1.0 is built against the header of 1.0"
#endif

#define GOLDEN_EXPORT(table, manifest_bytes)                                                  \
  static const unity_collector* const collectors[] = {&(table)};                              \
  static const unity_plugin plugin = {sizeof plugin, UNITY_API_TARGET, UNITY_ABI(1, 0), 1,    \
                                      collectors,    manifest_bytes};                         \
  UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args* args) {      \
    return UNITY_HAS(args, unity_entry_args, host_version) && args->abi >= UNITY_ABI(1, 0) && \
                   args->abi < UNITY_ABI(2, 0) && args->host_name.len > 0                     \
               ? &plugin                                                                      \
               : NULL;                                                                        \
  }

static inline unity_str golden_text(const char* text) {
  unity_str string = {text, strlen(text)};
  return string;
}

static inline unity_batch golden_batch(const char* ndjson) {
  unity_batch batch = {0};
  batch.struct_size = sizeof batch;
  batch.dataset = UNITY_DATASET_METRICS;
  batch.format = UNITY_FORMAT_NDJSON;
  batch.data = golden_text(ndjson);
  return batch;
}

/* Says why a call fails, and returns its status. */
static inline unity_status golden_fail(unity_call* call, unity_status status, const char* message) {
  unity_error error = {0};
  error.struct_size = sizeof error;
  error.message = golden_text(message);
  error.code = golden_text("golden.failed");
  call->api->fail(call, &error);
  return status;
}

/* The number of an option, in the JSON that the host passes. */
static inline long golden_option(unity_str json, const char* name, long otherwise) {
  char text[1024];
  char key[64];
  const char* found;
  if (json.len >= sizeof text) return otherwise;
  if (json.len > 0) memcpy(text, json.ptr, json.len);
  text[json.len] = '\0';
  snprintf(key, sizeof key, "\"%s\":", name);
  found = strstr(text, key);
  return found != NULL ? strtol(found + strlen(key), NULL, 10) : otherwise;
}

#endif
