/* Counts on from its last durable checkpoint, three numbers a run, each batch with its own. */
#include "golden.h"
#include "unity_manifest.h"

struct unity_instance {
  long last;
};

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  char text[32] = "0";
  (void)host;
  if (config->checkpoint.len >= sizeof text) {
    return golden_fail(call, UNITY_E_INTERNAL, "this is not a checkpoint of mine");
  }
  if (config->checkpoint.len > 0) {
    memcpy(text, config->checkpoint.ptr, config->checkpoint.len);
    text[config->checkpoint.len] = '\0';
  }
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return UNITY_E_TRANSIENT;
  (*out)->last = strtol(text, NULL, 10);
  return UNITY_OK;
}

static void destroy(unity_instance* instance) { free(instance); }

static unity_status collect(unity_instance* instance, unity_call* call) {
  int i;
  for (i = 0; i < 3; ++i) {
    char record[128];
    char checkpoint[32];
    unity_batch batch;
    unity_status status;
    ++instance->last;
    snprintf(record, sizeof record,
             "{\"metric\":\"golden\",\"tags\":{\"n\":\"%ld\"},\"values\":{\"number\":%ld}}\n",
             instance->last, instance->last);
    snprintf(checkpoint, sizeof checkpoint, "%ld", instance->last);
    batch = golden_batch(record);
    batch.checkpoint = golden_text(checkpoint);
    status = call->api->emit(call, &batch);
    if (status != UNITY_OK) return golden_fail(call, status, "the checkpoint was not taken");
  }
  return UNITY_OK;
}

static const unity_collector checkpoint = {sizeof checkpoint,
                                           UNITY_COLLECTOR_POLLED,
                                           {"checkpoint", 10},
                                           create,
                                           destroy,
                                           collect,
                                           NULL,
                                           NULL,
                                           NULL,
                                           NULL};
GOLDEN_EXPORT(checkpoint, UNITY_MANIFEST)
