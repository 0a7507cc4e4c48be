/* Streams numbers from a thread of its own, each with its checkpoint, on from the last durable one;
 * waits where the host has no room. Ends after `count` numbers, or goes on for ever. */
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "golden.h"
#include "unity_manifest.h"

struct unity_instance {
  unity_host* host;
  unity_stream* stream;
  long last;
  long left; /* -1: endless */
  long refused;
  int stop;    /* atomic */
  int done[2]; /* the thread closes its end when it leaves */
};

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  char text[32] = "0";
  (void)call;
  if (config->checkpoint.len > 0 && config->checkpoint.len < sizeof text) {
    memcpy(text, config->checkpoint.ptr, config->checkpoint.len);
    text[config->checkpoint.len] = '\0';
  }
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return UNITY_E_TRANSIENT;
  (*out)->host = host;
  (*out)->last = strtol(text, NULL, 10);
  (*out)->left = golden_option(config->json, "count", -1);
  return UNITY_OK;
}

static void destroy(unity_instance* instance) { free(instance); }

static unity_status emit_next(unity_instance* instance) {
  char record[128];
  char checkpoint[32];
  unity_batch batch;
  snprintf(record, sizeof record,
           "{\"metric\":\"golden\",\"tags\":{\"n\":\"%ld\"},\"values\":{\"number\":%ld}}\n",
           instance->last + 1, instance->last + 1);
  snprintf(checkpoint, sizeof checkpoint, "%ld", instance->last + 1);
  batch = golden_batch(record);
  batch.time_unix_ns = instance->host->api->now_unix_ns(instance->host);
  batch.checkpoint = golden_text(checkpoint);
  return instance->stream->api->emit(instance->stream, &batch, 20u * 1000u * 1000u);
}

static void* emit_all(void* context) {
  unity_instance* instance = context;
  while (instance->left != 0 && __atomic_load_n(&instance->stop, __ATOMIC_ACQUIRE) == 0) {
    const unity_status status = emit_next(instance);
    if (status == UNITY_E_AGAIN) {
      ++instance->refused; /* the same number again: nothing is lost */
      continue;
    }
    if (status != UNITY_OK) break;
    ++instance->last;
    if (instance->left > 0) --instance->left;
  }
  close(instance->done[1]);
  return NULL;
}

/* Until the token fires or the thread has nothing more to do. */
static void wait_for_end(unity_instance* instance, unity_call* call) {
  struct pollfd ends[2];
  ends[0].fd = call->api->cancel_fd(call);
  ends[1].fd = instance->done[0];
  ends[0].events = ends[1].events = POLLIN;
  while (poll(ends, 2, -1) < 0) continue;
  __atomic_store_n(&instance->stop, 1, __ATOMIC_RELEASE);
}

static unity_status run(unity_instance* instance, unity_call* call, unity_stream* stream) {
  pthread_t thread;
  char text[64];
  instance->stream = stream;
  __atomic_store_n(&instance->stop, 0, __ATOMIC_RELEASE);
  if (stream->api->ready(stream) != UNITY_OK) return UNITY_E_INTERNAL;
  if (pipe(instance->done) != 0) return UNITY_E_TRANSIENT;
  if (pthread_create(&thread, NULL, emit_all, instance) == 0) {
    wait_for_end(instance, call);
    pthread_join(thread, NULL);
  } else {
    close(instance->done[1]);
  }
  close(instance->done[0]);
  snprintf(text, sizeof text, "refused %ld times", instance->refused);
  instance->host->api->log(instance->host, UNITY_LOG_INFO, golden_text(text), golden_text("{}"));
  if (call->api->is_cancelled(call) != 0) return UNITY_E_CANCELLED;
  return instance->left == 0 ? UNITY_END
                             : golden_fail(call, UNITY_E_TRANSIENT, "the stream was refused");
}

static const unity_collector streaming = {sizeof streaming,
                                          UNITY_COLLECTOR_STREAMING,
                                          {"streaming", 9},
                                          create,
                                          destroy,
                                          NULL,
                                          run,
                                          NULL,
                                          NULL,
                                          NULL};
GOLDEN_EXPORT(streaming, UNITY_MANIFEST)
