/* Fails with the status that its options name, with all that can be said of it. */
#include "golden.h"
#include "unity_manifest.h"

struct unity_instance {
  unity_status status;
};

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  (void)host;
  if (golden_option(config->json, "create", 0) != 0) {
    return golden_fail(call, UNITY_E_CONFIG, "create was told to fail");
  }
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return UNITY_E_TRANSIENT;
  (*out)->status = (unity_status)golden_option(config->json, "status", UNITY_E_TRANSIENT);
  return UNITY_OK;
}

static void destroy(unity_instance* instance) { free(instance); }

static unity_status collect(unity_instance* instance, unity_call* call) {
  unity_batch batch = golden_batch("{\"metric\":\"golden\",\"values\":{\"discarded\":1}}\n");
  unity_error error = {0};
  call->api->emit(call, &batch); /* belongs to a run that fails */
  golden_fail(call, instance->status, "an earlier word");
  error.struct_size = sizeof error;
  error.retry_after_ms = 1500;
  error.message = golden_text("the source is closed on Sundays");
  error.code = golden_text("golden.sunday");
  error.detail_json = golden_text("{\"day\":7}");
  call->api->fail(call, &error);
  return instance->status;
}

static const unity_collector failing = {sizeof failing, UNITY_COLLECTOR_POLLED,
                                        {"failing", 7}, create,
                                        destroy,        collect,
                                        NULL,           NULL,
                                        NULL,           NULL};
GOLDEN_EXPORT(failing, UNITY_MANIFEST)
