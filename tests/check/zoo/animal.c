/* A well-behaved plugin in C. Each definition given by the build gives it one bad habit. */
#include "habits.h"
#include "unity_manifest.h"

/* ---- while it is loaded ------------------------------------------------------------------ */

#if defined(CONSTRUCTOR_STARTS_A_THREAD)
__attribute__((constructor)) static void when_loaded(void) { start_a_thread(); }
#endif
#if defined(MANY_CONSTRUCTORS)
static volatile int constructed;
// clang-format off
#define ONE(n) \
  __attribute__((constructor)) static void constructor_##n(void) { ++constructed; }
#define TEN(n) \
  ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) \
  ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)
TEN(1) TEN(2) TEN(3) TEN(4)
// clang-format on
#endif
#if defined(USES_A_SYMBOL_OF_THE_HOST)
    extern void only_the_host_has_this(void);
#endif
#if defined(NEEDS_AN_ABSENT_LIBRARY)
extern void of_an_absent_library(void);
#endif
#if defined(EXPORTS_MORE)
UNITY_EXPORT int one_more(void);
int one_more(void) { return 1; }
#endif
#if defined(STATIC_TLS)
static __thread volatile int runs_of_this_thread;
#endif
#if defined(BRINGS_AN_ALLOCATOR)
__attribute__((used, noinline)) static void* je_malloc(size_t size) { return malloc(size); }
#endif
#if defined(KEEPS_THE_HOST_FOR_ALL)
static unity_host* host_of_all;
#endif
#if defined(EMITS_AFTER_RETURN)
static unity_call* last_call;
#endif
#if defined(CANNOT_BE_THREE)
static int alive;
#endif

/* ---- life -------------------------------------------------------------------------------- */

/* What goes wrong before there is an instance. */
static unity_status look_around(unity_host* host, unity_call* call, const unity_config* config) {
  (void)host, (void)call, (void)config;
#if defined(REFUSES_A_LARGER_CONFIG)
  if (config->struct_size != sizeof *config) return fail(call, UNITY_E_INVALID, "a strange config");
#endif
#if defined(ABORTS_AT_A_BOUND)
  if (memmem(config->json.ptr, config->json.len, "1000", 4) != NULL) abort();
#endif
#if defined(CREATE_FAILS_SILENTLY)
  {
    const unity_status got = host->api->state_get(host, str("nest"), ignore_bytes, NULL);
    if (got < 0 && got != UNITY_E_NOT_FOUND) return got;
  }
#endif
#if defined(CREATE_FAILS_AND_LEAKS)
  if (call->api->is_cancelled(call)) {
    (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fail(call, UNITY_E_CANCELLED, "cancelled");
  }
#endif
#if defined(LOGS_A_SECRET)
  host->api->secret_get(host, str("key_of_the_cage"), log_bytes, host);
#endif
#if defined(CANNOT_READ_OTHER_STATE)
  {
    uint64_t size = 4;
    host->api->state_get(host, str("nest"), count_bytes, &size);
    if (size != 4) return fail(call, UNITY_E_INTERNAL, "the state is not mine");
  }
#endif
  return UNITY_OK;
}

static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                           unity_instance** out) {
  unity_instance* made;
  const unity_status looked = look_around(host, call, config);
  if (looked != UNITY_OK) return looked;
  made = calloc(1, sizeof *made);
#if !defined(TRUSTS_MALLOC)
  if (made == NULL) return fail(call, UNITY_E_TRANSIENT, "no memory");
#endif
  made->host = host;
  made->creator = pthread_self();
#if defined(USES_A_SYMBOL_OF_THE_HOST)
  only_the_host_has_this();
#endif
#if defined(NEEDS_AN_ABSENT_LIBRARY)
  of_an_absent_library();
#endif
#if defined(BRINGS_AN_ALLOCATOR)
  free(je_malloc(1));
#endif
#if defined(STATIC_TLS)
  ++runs_of_this_thread;
#endif
#if defined(KEEPS_BORROWED_TEXT)
  made->config = config->json;
#endif
#if defined(KEEPS_THE_HOST_FOR_ALL)
  host_of_all = host;
#endif
#if defined(CANNOT_BE_THREE)
  if (++alive == 3) abort();
#endif
  *out = made;
  return UNITY_OK;
}

static void destroy(unity_instance* instance) {
#if defined(CANNOT_BE_THREE)
  --alive;
#endif
#if !defined(LEAKS_MEMORY)
  free(instance);
#else
  (void)instance;
#endif
}

/* What goes wrong in a run before it emits. */
static unity_status misbehave(unity_instance* instance, unity_call* call) {
  (void)instance, (void)call;
#if defined(FOLLOWS_A_NULL_POINTER)
  /* The compiler must not see that it is one. */
  if (*(const volatile char*)(uintptr_t)instance->last_unix_ns == 0) return UNITY_OK;
#endif
#if defined(READS_BEYOND_THE_TABLE)
  read_beyond_the_table(instance->host);
#endif
#if defined(CALLS_UNKNOWN_FUNCTIONS)
  call_unknown_functions(instance->host);
#endif
#if defined(NEEDS_STATE)
  if (instance->host->api->state_get(instance->host, str("nest"), ignore_bytes, NULL) ==
      UNITY_E_UNSUPPORTED) {
    return UNITY_E_UNSUPPORTED;
  }
#endif
#if defined(CANNOT_READ_OTHER_STATE)
  instance->host->api->state_put(instance->host, str("nest"), str("eggs"));
#endif
#if defined(LEAKS_A_DESCRIPTOR)
  (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
#endif
#if defined(KEEPS_THE_HOST_FOR_ALL)
  host_of_all->api->log(host_of_all, UNITY_LOG_INFO, str("running"), str(""));
#endif
#if defined(KNOWS_ITS_THREAD)
  if (!pthread_equal(instance->creator, pthread_self())) {
    return fail(call, UNITY_E_INTERNAL, "this is not my thread");
  }
#endif
#if defined(KEEPS_BORROWED_TEXT)
  if (*(const volatile char*)instance->config.ptr != '{') return UNITY_E_INTERNAL;
#endif
#if defined(EMITS_AFTER_RETURN)
  if (last_call != NULL) emit_text(last_call, "{\"metric\":\"animal\",\"values\":{\"legs\":4}}\n");
  last_call = call;
#endif
#if defined(LOGS_WHAT_IS_NO_UTF8)
  instance->host->api->log(instance->host, UNITY_LOG_INFO, str("\xff\xfe"), str(""));
#endif
#if defined(EMITS_FROM_A_THREAD)
  emit_from_a_thread(call);
#endif
#if defined(IGNORES_ITS_TOKEN)
  if (call->api->is_cancelled(call)) sleep_ms(2500);
#endif
#if defined(CLOSES_THE_CANCEL_FD)
  close(call->api->cancel_fd(call));
#endif
#if defined(SUBTRACTS_FROM_DEADLINES)
  {
    const uint64_t deadline = call->api->deadline_mono_ns(call);
    const uint64_t left = deadline - instance->host->api->now_mono_ns(instance->host);
    if (deadline != 0 && left > UINT64_MAX / 2) sleep_ms(2500);
  }
#endif
#if defined(TRUSTS_THE_CLOCK)
  {
    const int64_t now = instance->host->api->now_unix_ns(instance->host);
    if (now < instance->last_unix_ns) abort();
    instance->last_unix_ns = now;
  }
#endif
#if defined(CHANGES_THE_UMASK)
  umask(0077);
#endif
#if defined(TAKES_A_SIGNAL)
  signal(SIGUSR1, SIG_IGN);
#endif
#if defined(WRITES_TO_STANDARD_OUTPUT)
  puts("hello from the cage");
#endif
#if defined(CHANGES_THE_FOLDER)
  (void)!chdir("/");
#endif
#if defined(LEAVES_A_CHILD)
  leave_a_child();
#endif
#if defined(ENDS_THE_PROCESS)
  if (instance->last_unix_ns == 1) exit(0);
#endif
  return UNITY_OK;
}

static unity_status collect(unity_instance* instance, unity_call* call) {
  const unity_status misbehaved = misbehave(instance, call);
  if (misbehaved != UNITY_OK) return misbehaved;
#if defined(EMITS_WHAT_IS_NOT_DECLARED)
  return emit_text(call, "{\"metric\":\"animal\",\"values\":{\"wings\":2}}\n");
#elif defined(EMITS_WHAT_IS_NO_JSON)
  return emit_text(call, "{\"metric\":\"animal\",\"values\":{\"legs\":nan}}\n");
#elif defined(EMITS_TWINS)
  return emit_text(call,
                   "{\"metric\":\"animal\",\"values\":{\"legs\":4}}\n"
                   "{\"metric\":\"animal\",\"values\":{\"legs\":4}}\n");
#elif defined(IGNORES_REFUSALS)
  emit_text(call, "{\"metric\":\"animal\",\"values\":{\"legs\":4}}\n");
  return UNITY_OK;
#else
  return emit_text(call, "{\"metric\":\"animal\",\"values\":{\"legs\":4}}\n");
#endif
}

#if defined(CANNOT_BE_RECONFIGURED)
static unity_status reconfigure(unity_instance* instance, unity_call* call,
                                const unity_config* config) {
  (void)instance, (void)config;
  return fail(call, UNITY_E_INTERNAL, "I like it as it is");
}
#endif
#if defined(INTERRUPT_BLOCKS)
static void interrupt(unity_instance* instance) {
  (void)instance;
  sleep_ms(300);
}
#endif

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
    .collect = collect,
#if defined(CANNOT_BE_RECONFIGURED)
    .reconfigure = reconfigure,
#endif
#if defined(INTERRUPT_BLOCKS)
    .interrupt = interrupt,
#endif
};
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
