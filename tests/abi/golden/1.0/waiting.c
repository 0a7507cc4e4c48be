/* Waits for a source that never answers, until it is woken: by interrupt() if its options say so,
 * else by the descriptor of its token. */
#include <poll.h>
#include <unistd.h>

#include "golden.h"
#include "unity_manifest.h"

struct unity_instance {
  unity_host* host;
  long by_interrupt;
  int wake[2]; /* what interrupt() writes into */
};

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return UNITY_E_TRANSIENT;
  (*out)->host = host;
  (*out)->by_interrupt = golden_option(config->json, "by_interrupt", 0);
  if (pipe((*out)->wake) == 0) return UNITY_OK;
  free(*out);
  return golden_fail(call, UNITY_E_TRANSIENT, "there is no descriptor left");
}

static void destroy(unity_instance* instance) {
  close(instance->wake[0]);
  close(instance->wake[1]);
  free(instance);
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  char woken[16];
  struct pollfd waits;
  waits.fd = instance->by_interrupt != 0 ? instance->wake[0] : call->api->cancel_fd(call);
  waits.events = POLLIN;
  instance->host->api->log(instance->host, UNITY_LOG_INFO, golden_text("waits"), golden_text("{}"));
  while (call->api->is_cancelled(call) == 0) { /* what is left of an earlier call wakes as well */
    if (poll(&waits, 1, -1) > 0 && instance->by_interrupt != 0 &&
        read(waits.fd, woken, sizeof woken) < 0) {
      return golden_fail(call, UNITY_E_TRANSIENT, "cannot wait");
    }
  }
  return UNITY_E_CANCELLED;
}

static void interrupt(unity_instance* instance) {
  const ssize_t written = write(instance->wake[1], "", 1);
  (void)written; /* a full pipe wakes as well */
}

static const unity_collector waiting = {sizeof waiting, UNITY_COLLECTOR_POLLED,
                                        {"waiting", 7}, create,
                                        destroy,        collect,
                                        NULL,           interrupt,
                                        NULL,           NULL};
GOLDEN_EXPORT(waiting, UNITY_MANIFEST)
