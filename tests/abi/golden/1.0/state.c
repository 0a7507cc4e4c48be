/* Keeps a count in the state of its instance, across runs and restarts, and asks for more than it
 * may have. */
#include "golden.h"
#include "unity_manifest.h"

struct unity_instance {
  unity_host* host;
};

static const char key[] = "runs";

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  (void)call;
  (void)config;
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return UNITY_E_TRANSIENT;
  (*out)->host = host;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) { free(instance); }

static void take_number(void* context, unity_str bytes) {
  char text[32] = "";
  if (bytes.len > 0 && bytes.len < sizeof text) memcpy(text, bytes.ptr, bytes.len);
  *(long*)context = strtol(text, NULL, 10);
}

/* A value larger than any host takes at once. */
static unity_status put_too_much(unity_host* host) {
  unity_str value = {NULL, 4u << 20};
  char* bytes = calloc(1, value.len);
  unity_status status;
  if (bytes == NULL) return UNITY_E_TRANSIENT;
  value.ptr = bytes;
  status = host->api->state_put(host, golden_text("large"), value);
  free(bytes);
  return status;
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  unity_host* host = instance->host;
  unity_str nothing = {NULL, 0};
  unity_batch batch;
  char number[32];
  char text[256];
  long runs = 0;
  long gone = -1;
  const unity_status found = host->api->state_get(host, golden_text(key), take_number, &runs);
  unity_status put;
  if (found != UNITY_OK && found != UNITY_E_NOT_FOUND) {
    return golden_fail(call, found, "cannot read the state");
  }
  snprintf(number, sizeof number, "%ld", ++runs);
  put = host->api->state_put(host, golden_text(key), golden_text(number));
  if (put != UNITY_OK) return golden_fail(call, put, "cannot write the state");
  host->api->state_put(host, golden_text("brief"), golden_text("1"));
  put = host->api->state_put(host, golden_text("brief"), nothing);
  snprintf(text, sizeof text,
           "{\"metric\":\"golden\",\"values\":{\"runs\":%ld,\"found\":%d,\"deleted\":%d,"
           "\"after_delete\":%d,\"too_much\":%d}}\n",
           runs, (int)found, (int)put,
           (int)host->api->state_get(host, golden_text("brief"), take_number, &gone),
           (int)put_too_much(host));
  batch = golden_batch(text);
  return call->api->emit(call, &batch);
}

static const unity_collector state = {
    sizeof state, UNITY_COLLECTOR_POLLED, {"state", 5}, create, destroy, collect, NULL, NULL, NULL,
    NULL};
GOLDEN_EXPORT(state, UNITY_MANIFEST)
