/* Polled: the clocks, the log, datasets, both formats, times of a batch, a partial run. */
#include "golden.h"
#include "unity_manifest.h"

struct unity_instance {
  unity_host* host;
  uint64_t created_mono_ns;
  uint64_t id_length;
  uint32_t dataset;
  long partial;
  long runs;
};

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  unity_instance* made;
  uint32_t none = 0;
  if (host->api->get_interface(host, golden_text("org.example.nothing/1")) != NULL) {
    return golden_fail(call, UNITY_E_INTERNAL, "the host offers an interface that nobody knows");
  }
  if (host->api->dataset_find(host, golden_text("golden_nothing"), &none) != UNITY_E_NOT_FOUND) {
    return golden_fail(call, UNITY_E_INTERNAL, "the host knows a dataset that nobody declared");
  }
  made = calloc(1, sizeof *made);
  if (made == NULL) return UNITY_E_TRANSIENT;
  if (host->api->dataset_find(host, golden_text("metrics"), &made->dataset) != UNITY_OK) {
    free(made);
    return golden_fail(call, UNITY_E_INTERNAL, "the host does not know the dataset of metrics");
  }
  made->host = host;
  made->created_mono_ns = host->api->now_mono_ns(host);
  made->id_length = config->instance_id.len;
  made->partial = golden_option(config->json, "partial", 0);
  *out = made;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) {
  instance->host->api->log(instance->host, UNITY_LOG_DEBUG, golden_text("destroyed"),
                           golden_text("{}"));
  free(instance);
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  unity_host* host = instance->host;
  const uint64_t now = host->api->now_mono_ns(host);
  const uint64_t deadline = call->api->deadline_mono_ns(call);
  unity_batch batch;
  unity_status status;
  char text[256];
  if (host->api->log_min_level(host) <= UNITY_LOG_INFO) {
    host->api->log(host, UNITY_LOG_INFO, golden_text("collects"), golden_text("{\"golden\":1}"));
  }
  snprintf(text, sizeof text,
           "{\"metric\":\"golden\",\"tags\":{\"from\":\"lines\"},\"values\":{\"runs\":%ld,"
           "\"id_length\":%d,\"clock_advanced\":%d,\"deadline_ahead\":%d,\"cancelled\":%d}}\n",
           ++instance->runs, (int)instance->id_length, now >= instance->created_mono_ns,
           deadline == 0 || deadline > now, call->api->is_cancelled(call) != 0);
  batch = golden_batch(text);
  batch.dataset = instance->dataset;
  batch.n_rows = 1;
  batch.time_unix_ns = host->api->now_unix_ns(host);
  status = call->api->emit(call, &batch);
  if (status != UNITY_OK) return status;

  batch = golden_batch(
      "[{\"metric\":\"golden\",\"tags\":{\"from\":\"array\"},\"values\":{\"runs\":1}},"
      "{\"metric\":\"golden_bare\",\"value\":2.5}]");
  batch.format = UNITY_FORMAT_JSON_ARRAY;
  status = call->api->emit(call, &batch);
  if (status != UNITY_OK) return status;
  return instance->partial != 0 ? golden_fail(call, UNITY_PARTIAL, "one of two was silent")
                                : UNITY_OK;
}

static const unity_collector polled = {sizeof polled, UNITY_COLLECTOR_POLLED,
                                       {"polled", 6}, create,
                                       destroy,       collect,
                                       NULL,          NULL,
                                       NULL,          NULL};
GOLDEN_EXPORT(polled, UNITY_MANIFEST)
