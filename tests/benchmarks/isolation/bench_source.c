/* What the cost of isolation is measured with: a collector that answers with so many bytes, and
 * one that streams records of 325 bytes as fast as they are taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unity/plugin.h"
#include "unity_manifest.h"

#define RECORD 325
#define BLOCK 100 /* records */

struct unity_instance {
  long long number; /* records an emit, or bytes an answer */
  long long answers;
  long long answered;
  char* text;
};

static const int* volatile nowhere;

static long long option(const unity_config* config, const char* key, long long otherwise) {
  char text[256] = "";
  const char* found = NULL;
  memcpy(text, config->json.ptr, config->json.len < 255 ? config->json.len : 255);
  found = strstr(text, key);
  return found != NULL ? atoll(found + strlen(key)) : otherwise;
}

/* Pads with blanks between the values, so that each record has its RECORD bytes. */
static void write_record(char* to, int number) {
  char record[RECORD + 1];
  const int length = snprintf(
      record, sizeof record,
      "{\"metric\":\"disk_io\",\"tags\":{\"disk\":\"nvme%02dn1\",\"bus\":\"pci-0000:%02x:00\"},"
      "\"values\":{\"read_bytes\":%lld,\"write_bytes\":%lld,\"reads\":%d,\"writes\":%d,"
      "\"busy_percent\":%d.25,\"queue_length\":%d,\"latency_ms\":%d.125,\"temperature\":%d.5,"
      "\"errors\":%d,\"healthy\":true}",
      number % 16, (unsigned)(number % 16), 123456789012LL + number * 1000LL,
      987654321098LL - number * 777LL, 31234567 + number, 2345678 + number, number % 100,
      number % 64, number % 1000, 20 + number % 40, number % 10);
  memset(to, ' ', RECORD);
  memcpy(to, record, (size_t)length);
  to[RECORD - 1] = '}';
  to[RECORD] = '\n';
}

static unity_status make(const unity_config* config, const char* key, long long bytes_of_one,
                         unity_instance** out) {
  unity_instance* made = calloc(1, sizeof *made);
  long long size = 0;
  long long at = 0;
  if (made == NULL) return UNITY_E_TRANSIENT;
  made->number = option(config, key, 400);
  made->answers = option(config, "\"answers\":", 0);
  size = bytes_of_one == 1 ? made->number : (long long)BLOCK * bytes_of_one;
  made->text = malloc((size_t)size);
  if (made->text == NULL) return UNITY_E_TRANSIENT;
  memset(made->text, ' ', (size_t)size);
  for (; at + RECORD + 1 <= size; at += RECORD + 1) {
    write_record(made->text + at, (int)(at / (RECORD + 1)));
  }
  *out = made;
  return UNITY_OK;
}

static unity_status create_answer(unity_host* host, unity_call* call, const unity_config* config,
                                  unity_instance** out) {
  (void)host;
  (void)call;
  return make(config, "\"bytes\":", 1, out);
}

static unity_status create_flow(unity_host* host, unity_call* call, const unity_config* config,
                                unity_instance** out) {
  (void)host;
  (void)call;
  return make(config, "\"records\":", RECORD + 1, out);
}

static void destroy(unity_instance* instance) {
  free(instance->text);
  free(instance);
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  unity_batch batch = {.struct_size = sizeof batch, .format = UNITY_FORMAT_NDJSON};
  if (instance->answers > 0 && instance->answered++ == instance->answers) return *nowhere;
  batch.data.ptr = instance->text;
  batch.data.len = (uint64_t)instance->number;
  return call->api->emit(call, &batch);
}

static unity_status flow(unity_instance* instance, unity_call* call, unity_stream* stream) {
  unity_batch batch = {.struct_size = sizeof batch, .format = UNITY_FORMAT_NDJSON};
  unity_status status = stream->api->ready(stream);
  batch.data.len = (uint64_t)instance->number * (RECORD + 1) - 1;
  for (long long record = 0; status == UNITY_OK; record += instance->number) {
    if (call->api->is_cancelled(call)) return UNITY_E_CANCELLED;
    if (record + instance->number > BLOCK) record = 0;
    batch.data.ptr = instance->text + record * (RECORD + 1);
    status = stream->api->emit(stream, &batch, UINT64_MAX);
  }
  return status;
}

static const unity_collector answer = {.struct_size = sizeof answer,
                                       .flags = UNITY_COLLECTOR_POLLED,
                                       .name = {"answer", 6},
                                       .create = create_answer,
                                       .destroy = destroy,
                                       .collect = collect};
static const unity_collector streaming = {.struct_size = sizeof streaming,
                                          .flags = UNITY_COLLECTOR_STREAMING,
                                          .name = {"flow", 4},
                                          .create = create_flow,
                                          .destroy = destroy,
                                          .stream = flow};
static const unity_collector* const collectors[] = {&answer, &streaming};
static const unity_plugin plugin = {.struct_size = sizeof plugin,
                                    .abi_target = UNITY_API_TARGET,
                                    .abi_min = UNITY_ABI(1, 0),
                                    .n_collectors = 2,
                                    .collectors = collectors,
                                    .manifest = UNITY_MANIFEST};

UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args* args) {
  (void)args;
  return &plugin;
}
