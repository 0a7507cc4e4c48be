/* A well-behaved plugin in C. Each definition given by the build gives it one bad habit. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <unity/plugin.h>

#include "unity_manifest.h"

struct unity_instance {
  unity_host* host;
  int runs;
};

/* ---- while it is loaded ------------------------------------------------------------------ */

#if defined(CONSTRUCTOR_STARTS_A_THREAD) || defined(ENTRY_STARTS_A_THREAD)
static void* sleep_on(void* nothing) {
  for (;;) pause();
  return nothing;
}
static void start_a_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, sleep_on, NULL) == 0) pthread_detach(thread);
}
#endif
#if defined(CONSTRUCTOR_STARTS_A_THREAD)
__attribute__((constructor)) static void when_loaded(void) { start_a_thread(); }
#endif

#if defined(USES_A_SYMBOL_OF_THE_HOST)
extern void only_the_host_has_this(void);
#endif
#if defined(EXPORTS_MORE)
UNITY_EXPORT int one_more(void);
int one_more(void) { return 1; }
#endif
#if defined(STATIC_TLS)
static __thread volatile int runs_of_this_thread;
#endif

/* ---- life -------------------------------------------------------------------------------- */

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  unity_instance* made = calloc(1, sizeof *made);
  (void)call;
  (void)config;
  if (made == NULL) return UNITY_E_TRANSIENT;
  made->host = host;
#if defined(USES_A_SYMBOL_OF_THE_HOST)
  only_the_host_has_this();
#endif
#if defined(STATIC_TLS)
  ++runs_of_this_thread;
#endif
  *out = made;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) {
#if !defined(LEAKS_MEMORY)
  free(instance);
#else
  (void)instance;
#endif
}

static unity_status emit(unity_call* call, const char* text, size_t size) {
  unity_batch batch;
  memset(&batch, 0, sizeof batch);
  batch.struct_size = sizeof batch;
  batch.format = UNITY_FORMAT_NDJSON;
  batch.data.ptr = text;
  batch.data.len = size;
  return call->api->emit(call, &batch);
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  static const char record[] = "{\"metric\":\"animal\",\"values\":{\"legs\":4}}\n";
  ++instance->runs;
#if defined(LEAKS_A_DESCRIPTOR)
  (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
#endif
  return emit(call, record, sizeof record - 1);
}

/* ---- tables ------------------------------------------------------------------------------ */

#if defined(TABLE_IS_WRITABLE)
#define CONSTANT
#else
#define CONSTANT const
#endif

static const unity_collector animal = {
#if defined(COLLECTOR_IS_SHORT)
    .struct_size = 16,
#else
    .struct_size = sizeof animal,
#endif
    .flags = UNITY_COLLECTOR_POLLED,
#if defined(COLLECTOR_IS_NOT_IN_THE_MANIFEST)
    .name = {"another", 7},
#else
    .name = {"animal", 6},
#endif
    .create = create,
    .destroy = destroy,
    .collect = collect};
static const unity_collector* const collectors[] = {&animal};
static CONSTANT unity_plugin plugin = {.struct_size = sizeof plugin,
                                       .abi_target = UNITY_API_TARGET,
                                       .abi_min = UNITY_ABI(1, 0),
                                       .n_collectors = 1,
                                       .collectors = collectors,
                                       .manifest = UNITY_MANIFEST};

UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args* args) {
  (void)args;
#if defined(ENTRY_STARTS_A_THREAD)
  start_a_thread();
#endif
#if defined(ENTRY_REFUSES_LATER_HOSTS)
  if (args->abi > UNITY_ABI_LATEST) return NULL;
#endif
  return &plugin;
}
