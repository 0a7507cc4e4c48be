/* Takes a new configuration while it lives, refuses a wrong one and then keeps the old, and can be
 * asked whether its source is there. */
#include "golden.h"
#include "unity_manifest.h"

struct unity_instance {
  long step;
  long value;
};

static unity_status read_step(unity_call* call, const unity_config* config, long* step) {
  const long given = golden_option(config->json, "step", 1);
  if (given < 1) return golden_fail(call, UNITY_E_CONFIG, "step must be 1 or more");
  *step = given;
  return UNITY_OK;
}

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  long step = 0;
  const unity_status status = read_step(call, config, &step);
  (void)host;
  if (status != UNITY_OK) return status;
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return UNITY_E_TRANSIENT;
  (*out)->step = step;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) { free(instance); }

static unity_status collect(unity_instance* instance, unity_call* call) {
  char text[128];
  unity_batch batch;
  instance->value += instance->step;
  snprintf(text, sizeof text, "{\"metric\":\"golden\",\"values\":{\"step\":%ld,\"value\":%ld}}\n",
           instance->step, instance->value);
  batch = golden_batch(text);
  return call->api->emit(call, &batch);
}

static unity_status reconfigure(unity_instance* instance, unity_call* call,
                                const unity_config* config) {
  return read_step(call, config, &instance->step);
}

static unity_status probe(unity_instance* instance, unity_call* call) {
  if (instance->step == 13) return golden_fail(call, UNITY_E_TRANSIENT, "no step is unlucky today");
  return UNITY_OK;
}

static const unity_collector changing = {sizeof changing,
                                         UNITY_COLLECTOR_POLLED,
                                         {"changing", 8},
                                         create,
                                         destroy,
                                         collect,
                                         NULL,
                                         NULL,
                                         reconfigure,
                                         probe};
GOLDEN_EXPORT(changing, UNITY_MANIFEST)
