/* A host as small as one can be, for trying plugins against tables of a minor that no real host
 * has yet: built with the header of 1.1, it hands the tables of 1.1. Runs what its arguments say,
 * in order, and prints each thing that crosses the ABI as one line.
 *
 *   test_host PLUGIN.so ACTION...
 *     options=JSON, checkpoint=TEXT, secret=NAME:VALUE   what the next calls are given
 *     create, collect, probe, reconfigure, explain, destroy
 *     wake            collects on a thread of its own and wakes it once it has logged a line
 *     stream          streams until the source ends
 *     stream=N        ... or until N batches were taken, then cancels it
 *     full=N          the next N batches of a stream find no room
 */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <unity/plugin.h>

enum { STATE_MAX = 8, VALUE_MAX = 256 * 1024 };
enum { BATCH_OF_1_0 = 64, ERROR_OF_1_0 = 56 };

struct entry {
  char key[64];
  char value[256];
};

static struct test_host {
  unity_host host; /* first: what a plugin holds is the address of these */
  unity_call call;
  unity_stream stream;
  struct entry state[STATE_MAX];
  char secret_name[64];
  char secret[64];
  int cancel; /* an eventfd */
  int cancelled;
  sem_t logged;
  long full;  /* how many batches of a stream find no room */
  long taken; /* of a stream; atomic, as are the next two */
  long cancel_after;
} self;

static pthread_mutex_t print_mutex = PTHREAD_MUTEX_INITIALIZER;

static void print_text(const char* what, unity_str text) {
  pthread_mutex_lock(&print_mutex);
  printf("%s %.*s\n", what, (int)text.len, text.len > 0 ? text.ptr : "");
  fflush(stdout);
  pthread_mutex_unlock(&print_mutex);
}

static void print_status(const char* what, unity_status status) {
  pthread_mutex_lock(&print_mutex);
  printf("%s %d\n", what, (int)status);
  fflush(stdout);
  pthread_mutex_unlock(&print_mutex);
}

static unity_str to_str(const char* text) {
  unity_str string = {text, strlen(text)};
  return string;
}

static void cancel(void) {
  const uint64_t one = 1;
  __atomic_store_n(&self.cancelled, 1, __ATOMIC_RELEASE);
  if (write(self.cancel, &one, sizeof one) != (ssize_t)sizeof one) abort();
}

static void renew_token(void) {
  uint64_t count;
  self.cancelled = 0;
  if (read(self.cancel, &count, sizeof count) < 0) return; /* it had not fired */
}

/* The parameter rule: no shorter than in 1.0, and what lies beyond what this host knows is zero. */
static unity_status check_parameter(const void* parameter, uint32_t shortest, uint32_t known) {
  const unsigned char* bytes = parameter;
  uint32_t size;
  uint32_t i;
  memcpy(&size, bytes, sizeof size);
  if (size < shortest) return UNITY_E_INVALID;
  for (i = known; i < size; ++i) {
    if (bytes[i] != 0) return UNITY_E_TOO_NEW;
  }
  return UNITY_OK;
}

/* ---- unity_host ------------------------------------------------------------------------- */

static void host_log(unity_host* host, uint32_t level, unity_str message, unity_str fields) {
  (void)host, (void)level, (void)fields;
  print_text("log", message);
  sem_post(&self.logged);
}
static uint32_t host_log_min_level(unity_host* host) {
  (void)host;
  return UNITY_LOG_INFO;
}
static int64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
static int64_t host_now_unix_ns(unity_host* host) {
  (void)host;
  return now(CLOCK_REALTIME);
}
static uint64_t host_now_mono_ns(unity_host* host) {
  (void)host;
  return (uint64_t)now(CLOCK_MONOTONIC);
}
static unity_status host_dataset_find(unity_host* host, unity_str name, uint32_t* out) {
  (void)host;
  if (name.len != 7 || memcmp(name.ptr, "metrics", 7) != 0) return UNITY_E_NOT_FOUND;
  *out = UNITY_DATASET_METRICS;
  return UNITY_OK;
}
static int is(unity_str text, const char* other) {
  return text.len == strlen(other) && memcmp(text.ptr, other, text.len) == 0;
}
static unity_status host_secret_get(unity_host* host, unity_str name, unity_sink sink, void* ctx) {
  char copy[64];
  (void)host;
  if (self.secret_name[0] == '\0' || !is(name, self.secret_name)) return UNITY_E_DENIED;
  strcpy(copy, self.secret);
  sink(ctx, to_str(copy));
  explicit_bzero(copy, sizeof copy);
  return UNITY_OK;
}
static struct entry* find_entry(unity_str key) {
  int i;
  for (i = 0; i < STATE_MAX; ++i) {
    if (is(key, self.state[i].key)) return &self.state[i];
  }
  return NULL;
}
static unity_status host_state_get(unity_host* host, unity_str key, unity_sink sink, void* ctx) {
  const struct entry* entry = find_entry(key);
  (void)host;
  if (entry == NULL) return UNITY_E_NOT_FOUND;
  sink(ctx, to_str(entry->value));
  return UNITY_OK;
}
static unity_status host_state_put(unity_host* host, unity_str key, unity_str value) {
  struct entry* entry = find_entry(key);
  (void)host;
  if (entry == NULL) entry = find_entry(to_str(""));
  if (value.len > VALUE_MAX || entry == NULL || value.len >= sizeof entry->value) {
    return UNITY_E_LIMIT;
  }
  memset(entry, 0, sizeof *entry);
  if (value.len == 0) return UNITY_OK;
  memcpy(entry->key, key.ptr, key.len);
  memcpy(entry->value, value.ptr, value.len);
  return UNITY_OK;
}
static const void* host_get_interface(unity_host* host, unity_str id) {
  (void)host, (void)id;
  return NULL;
}
#if UNITY_ABI_LATEST >= UNITY_ABI(1, 1)
static unity_status host_metric_add(unity_host* host, unity_str name, uint64_t add) {
  (void)host, (void)add;
  print_text("metric_add", name);
  return UNITY_OK;
}
#endif

static const unity_host_api host_api = {.struct_size = sizeof host_api,
                                        .abi = UNITY_ABI_LATEST,
                                        .log = host_log,
                                        .log_min_level = host_log_min_level,
                                        .now_unix_ns = host_now_unix_ns,
                                        .now_mono_ns = host_now_mono_ns,
                                        .dataset_find = host_dataset_find,
                                        .secret_get = host_secret_get,
                                        .state_get = host_state_get,
                                        .state_put = host_state_put,
#if UNITY_ABI_LATEST >= UNITY_ABI(1, 1)
                                        .metric_add = host_metric_add,
#endif
                                        .get_interface = host_get_interface};

/* ---- unity_call and unity_stream -------------------------------------------------------- */

static unity_status take_batch(const unity_batch* batch) {
  const unity_status status = check_parameter(batch, BATCH_OF_1_0, sizeof *batch);
  if (status != UNITY_OK) return status;
  print_text("emit", batch->data);
  if (batch->checkpoint.len > 0) print_text("checkpoint", batch->checkpoint);
#if UNITY_ABI_LATEST >= UNITY_ABI(1, 1)
  if (UNITY_HAS(batch, unity_batch, of_1_1) && batch->of_1_1 != 0) {
    print_status("of_1_1", (unity_status)batch->of_1_1);
  }
#endif
  return UNITY_OK;
}
static unity_status call_emit(unity_call* call, const unity_batch* batch) {
  (void)call;
  return take_batch(batch);
}
static void call_fail(unity_call* call, const unity_error* error) {
  (void)call;
  if (check_parameter(error, ERROR_OF_1_0, sizeof *error) != UNITY_OK) return;
  print_text("fail", error->message);
  if (error->code.len > 0) print_text("code", error->code);
  if (error->detail_json.len > 0) print_text("detail", error->detail_json);
  if (error->retry_after_ms != 0) print_status("retry_after_ms", (int32_t)error->retry_after_ms);
}
static uint32_t call_is_cancelled(unity_call* call) {
  (void)call;
  return (uint32_t)__atomic_load_n(&self.cancelled, __ATOMIC_ACQUIRE);
}
static int32_t call_cancel_fd(unity_call* call) {
  (void)call;
  return self.cancel;
}
static uint64_t call_deadline_mono_ns(unity_call* call) {
  (void)call;
  return 0;
}
static unity_status call_dataset_declare(unity_call* call, unity_str dataset, uint32_t* out) {
  (void)call, (void)dataset, (void)out;
  return UNITY_E_UNSUPPORTED;
}
static const unity_call_api call_api = {sizeof call_api,
                                        0,
                                        call_emit,
                                        call_fail,
                                        call_is_cancelled,
                                        call_cancel_fd,
                                        call_deadline_mono_ns,
                                        call_dataset_declare};

static unity_status stream_emit(unity_stream* stream, const unity_batch* batch, uint64_t wait_ns) {
  unity_status status;
  (void)stream, (void)wait_ns;
  if (__atomic_load_n(&self.cancelled, __ATOMIC_ACQUIRE) != 0) return UNITY_E_CANCELLED;
  if (__atomic_load_n(&self.full, __ATOMIC_ACQUIRE) > 0) {
    __atomic_sub_fetch(&self.full, 1, __ATOMIC_ACQ_REL);
    return UNITY_E_AGAIN;
  }
  status = take_batch(batch);
  if (status != UNITY_OK) return status;
  if (__atomic_add_fetch(&self.taken, 1, __ATOMIC_ACQ_REL) == self.cancel_after) cancel();
  return UNITY_OK;
}
static unity_status stream_ready(unity_stream* stream) {
  (void)stream;
  print_text("ready", to_str(""));
  return UNITY_OK;
}
static const unity_stream_api stream_api = {sizeof stream_api, 0, stream_emit, stream_ready};

/* ---- the actions ------------------------------------------------------------------------ */

static unity_collector type; /* the plugin's table, as far as both sides know it */
static unity_instance* instance;
static const char* options = "{}";
static const char* checkpoint = "";

static unity_config current_config(void) {
  unity_config config = {0};
  config.struct_size = sizeof config;
  config.instance_id = to_str("golden-1");
  config.json = to_str(options);
  config.checkpoint = to_str(checkpoint);
  return config;
}

static void load(const char* file) {
  const unity_plugin* (*entry)(const unity_entry_args*);
  unity_entry_args args = {sizeof args, UNITY_ABI_LATEST, {"test_host", 9}, {"1", 1}};
  const unity_plugin* plugin;
  void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  void* symbol = library != NULL ? dlsym(library, "unity_plugin_entry_v1") : NULL;
  if (symbol == NULL) {
    fprintf(stderr, "test_host: cannot load %s: %s\n", file, dlerror());
    exit(2);
  }
  memcpy(&entry, &symbol, sizeof entry);
  plugin = entry(&args);
  if (plugin == NULL || plugin->abi_min > UNITY_ABI_LATEST || plugin->n_collectors != 1) {
    fprintf(stderr, "test_host: %s refuses this host, or needs a later one\n", file);
    exit(2);
  }
  printf("abi_target 1.%u\n", (unsigned)(plugin->abi_target & 0xffff));
  memcpy(&type, plugin->collectors[0],
         plugin->collectors[0]->struct_size < sizeof type ? plugin->collectors[0]->struct_size
                                                          : sizeof type);
}

static void* collect_on_thread(void* context) {
  (void)context;
  print_status("collect", type.collect(instance, &self.call));
  return NULL;
}

static void wake(void) {
  pthread_t thread;
  while (sem_trywait(&self.logged) == 0) continue;
  if (pthread_create(&thread, NULL, collect_on_thread, NULL) != 0) abort();
  while (sem_wait(&self.logged) != 0) continue;
  cancel();
  if (type.interrupt != NULL) type.interrupt(instance);
  pthread_join(thread, NULL);
  renew_token();
}

static void act(const char* action) {
  const char* value = strchr(action, '=');
  const unity_config config = current_config();
  if (value != NULL) ++value;
  if (strncmp(action, "options=", 8) == 0) {
    options = value;
  } else if (strncmp(action, "checkpoint=", 11) == 0) {
    checkpoint = value;
  } else if (strncmp(action, "secret=", 7) == 0) {
    if (sscanf(value, "%63[^:]:%63s", self.secret_name, self.secret) != 2) abort();
  } else if (strncmp(action, "full=", 5) == 0) {
    self.full = strtol(value, NULL, 10);
  } else if (strcmp(action, "create") == 0) {
    print_status("create", type.create(&self.host, &self.call, &config, &instance));
  } else if (strcmp(action, "collect") == 0) {
    print_status("collect", type.collect(instance, &self.call));
  } else if (strcmp(action, "wake") == 0) {
    wake();
  } else if (strncmp(action, "stream", 6) == 0) {
    self.taken = 0;
    self.cancel_after = value != NULL ? strtol(value, NULL, 10) : -1;
    print_status("stream", type.stream(instance, &self.call, &self.stream));
    renew_token();
  } else if (strcmp(action, "probe") == 0) {
    print_status("probe",
                 type.probe != NULL ? type.probe(instance, &self.call) : UNITY_E_UNSUPPORTED);
  } else if (strcmp(action, "reconfigure") == 0) {
    print_status("reconfigure", type.reconfigure != NULL
                                    ? type.reconfigure(instance, &self.call, &config)
                                    : UNITY_E_UNSUPPORTED);
  } else if (strcmp(action, "explain") == 0) {
#if UNITY_ABI_LATEST >= UNITY_ABI(1, 1)
    print_status("explain",
                 type.explain != NULL ? type.explain(instance, &self.call) : UNITY_E_UNSUPPORTED);
#else
    print_status("explain", UNITY_E_UNSUPPORTED);
#endif
  } else if (strcmp(action, "destroy") == 0) {
    type.destroy(instance);
    instance = NULL;
    print_text("destroyed", to_str(""));
  } else {
    fprintf(stderr, "test_host: unknown action \"%s\"\n", action);
    exit(2);
  }
}

int main(int count, char** arguments) {
  int i;
  if (count < 2) return 2;
  self.host.api = &host_api;
  self.call.api = &call_api;
  self.stream.api = &stream_api;
  self.cancel = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (self.cancel < 0 || sem_init(&self.logged, 0, 0) != 0) return 2;
  load(arguments[1]);
  for (i = 2; i < count; ++i) act(arguments[i]);
  return 0;
}
