/* Fetches the secret that its configuration names, and one that it does not name. Says of them
 * only how long they are and what their bytes add up to. */
#include "golden.h"
#include "unity_manifest.h"

struct unity_instance {
  unity_host* host;
  char name[64]; /* of the secret */
};

struct seen {
  int times;
  uint64_t length;
  unsigned sum;
};

/* The option is {"token": {"$secret": "NAME"}}. */
static void read_name(unity_str json, char* name, size_t size) {
  static const char key[] = "\"$secret\":\"";
  char text[1024];
  const char* found;
  size_t length = 0;
  name[0] = '\0';
  if (json.len >= sizeof text) return;
  memcpy(text, json.ptr, json.len);
  text[json.len] = '\0';
  found = strstr(text, key);
  if (found == NULL) return;
  found += strlen(key);
  while (length + 1 < size && found[length] != '"' && found[length] != '\0') ++length;
  memcpy(name, found, length);
  name[length] = '\0';
}

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  (void)call;
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return UNITY_E_TRANSIENT;
  (*out)->host = host;
  read_name(config->json, (*out)->name, sizeof(*out)->name);
  return UNITY_OK;
}

static void destroy(unity_instance* instance) { free(instance); }

static void look(void* context, unity_str bytes) {
  struct seen* seen = context;
  uint64_t i;
  ++seen->times;
  seen->length = bytes.len;
  for (i = 0; i < bytes.len; ++i) seen->sum += (unsigned char)bytes.ptr[i];
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  unity_host* host = instance->host;
  struct seen own = {0, 0, 0};
  struct seen other = {0, 0, 0};
  const unity_status got = host->api->secret_get(host, golden_text(instance->name), look, &own);
  const unity_status not_ours =
      host->api->secret_get(host, golden_text("golden_of_another"), look, &other);
  unity_batch batch;
  char text[256];
  if (got != UNITY_OK) return golden_fail(call, got, "cannot get the secret");
  snprintf(text, sizeof text,
           "{\"metric\":\"golden\",\"values\":{\"times\":%d,\"length\":%d,\"sum\":%u,"
           "\"not_ours\":%d,\"not_ours_times\":%d}}\n",
           own.times, (int)own.length, own.sum, (int)not_ours, other.times);
  batch = golden_batch(text);
  return call->api->emit(call, &batch);
}

static const unity_collector secrets = {sizeof secrets, UNITY_COLLECTOR_POLLED,
                                        {"secrets", 7}, create,
                                        destroy,        collect,
                                        NULL,           NULL,
                                        NULL,           NULL};
GOLDEN_EXPORT(secrets, UNITY_MANIFEST)
