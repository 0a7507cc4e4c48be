/* A well-behaved streaming plugin in C, with a checkpoint in each batch. Each definition given by
 * the build gives it one bad habit. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <unity/plugin.h>

#include "unity_manifest.h"

struct unity_instance {
  unsigned long long next;
};

static unity_status fail(unity_call* call, unity_status status, const char* message) {
  unity_error error;
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  error.message.ptr = message;
  error.message.len = strlen(message);
  call->api->fail(call, &error);
  return status;
}

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  char text[32] = {0};
  unity_instance* made = calloc(1, sizeof *made);
  (void)host;
  if (made == NULL) return fail(call, UNITY_E_TRANSIENT, "no memory");
  /* A checkpoint that is not ours means to begin anew. */
  if (config->checkpoint.len != 0 && config->checkpoint.len < sizeof text) {
    memcpy(text, config->checkpoint.ptr, config->checkpoint.len);
    made->next = strtoull(text, NULL, 10);
  }
#if defined(CANNOT_RESTART)
  if (made->next > 0) {
    free(made);
    return fail(call, UNITY_E_INTERNAL, "I cannot go back");
  }
#endif
  *out = made;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) { free(instance); }

#if defined(LEAVES_A_THREAD)
static void* sleep_on(void* nothing) {
  for (;;) pause();
  return nothing;
}
#endif

static unity_status stream(unity_instance* instance, unity_call* call, unity_stream* stream) {
  struct pollfd token;
  token.fd = call->api->cancel_fd(call);
  token.events = POLLIN;
  if (token.fd < 0) return fail(call, UNITY_E_TRANSIENT, "the host has no descriptor left");
#if !defined(NEVER_READY)
  stream->api->ready(stream);
#endif
#if defined(READY_TWICE)
  stream->api->ready(stream);
#endif
#if defined(LEAVES_A_THREAD)
  {
    pthread_t thread;
    if (pthread_create(&thread, NULL, sleep_on, NULL) == 0) pthread_detach(thread);
  }
#endif
  while (!call->api->is_cancelled(call)) {
    char record[160];
    char checkpoint[32];
    unity_status status;
    unity_batch batch;
    memset(&batch, 0, sizeof batch);
    batch.struct_size = sizeof batch;
    batch.format = UNITY_FORMAT_NDJSON;
    batch.data.ptr = record;
    batch.data.len = (uint64_t)snprintf(
        record, sizeof record,
        "{\"metric\":\"animal\",\"tags\":{\"number\":\"%llu\"},\"values\":{\"legs\":4}}\n",
        instance->next);
    batch.checkpoint.ptr = checkpoint;
    batch.checkpoint.len =
        (uint64_t)snprintf(checkpoint, sizeof checkpoint, "%llu", instance->next + 1);
    status = stream->api->emit(stream, &batch, 10000000);
#if defined(HOARDS)
    if (status == UNITY_E_AGAIN) {
      char* hoard = malloc(1 << 20);
      if (hoard != NULL) memset(hoard, 1, 1 << 20);
      continue;
    }
#elif defined(GIVES_UP)
    if (status == UNITY_E_AGAIN) return fail(call, UNITY_E_TRANSIENT, "nobody listens");
#endif
    if (status == UNITY_OK) ++instance->next;
    if (status < 0 && status != UNITY_E_AGAIN) return fail(call, status, "emit was refused");
    poll(&token, 1, 1);
  }
  return UNITY_E_CANCELLED;
}

static const unity_collector animal = {.struct_size = sizeof animal,
                                       .flags = UNITY_COLLECTOR_STREAMING,
                                       .name = {"animal", 6},
                                       .create = create,
                                       .destroy = destroy,
                                       .stream = stream};
static const unity_collector* const collectors[] = {&animal};
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
