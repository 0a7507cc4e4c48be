/* Bad habits of animal.c that need more than a line. Each is compiled only where it is asked for.
 */
#ifndef UNITY_CHECK_ZOO_HABITS_H
#define UNITY_CHECK_ZOO_HABITS_H

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <unity/plugin.h>

struct unity_instance {
  unity_host* host;
  unity_str config; /* borrowed, and kept by those with the habit */
  pthread_t creator;
  int64_t last_unix_ns;
  char* name;
};

static inline unity_str str(const char* text) {
  unity_str made;
  made.ptr = text;
  made.len = strlen(text);
  return made;
}

static inline void sleep_ms(long milliseconds) {
  struct timespec time;
  time.tv_sec = milliseconds / 1000;
  time.tv_nsec = milliseconds % 1000 * 1000000;
  nanosleep(&time, NULL);
}

static inline unity_status fail(unity_call* call, unity_status status, const char* message) {
  unity_error error;
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  error.message = str(message);
  call->api->fail(call, &error);
  return status;
}

static inline unity_status emit_text(unity_call* call, const char* text) {
  unity_batch batch;
  memset(&batch, 0, sizeof batch);
  batch.struct_size = sizeof batch;
  batch.format = UNITY_FORMAT_NDJSON;
  batch.data = str(text);
#if defined(SETS_UNKNOWN_FLAGS)
  batch.flags = 1;
#endif
#if defined(SENDS_A_SHORT_STRUCT)
  batch.struct_size = 8;
#endif
#if defined(EMITS_WILD_POINTERS)
  batch.data.ptr = (const char*)16;
#endif
  return call->api->emit(call, &batch);
}

/* ---- threads ----------------------------------------------------------------------------- */

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

#if defined(EMITS_FROM_A_THREAD)
static void* emit_elsewhere(void* call) {
  emit_text(call, "{\"metric\":\"animal\",\"values\":{\"legs\":4}}\n");
  return NULL;
}
static void emit_from_a_thread(unity_call* call) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, emit_elsewhere, call) == 0) pthread_join(thread, NULL);
}
#endif

/* ---- what it knows of its host ----------------------------------------------------------- */

#if defined(READS_BEYOND_THE_TABLE)
static void read_beyond_the_table(const unity_host* host) {
  const volatile unsigned char* bytes = (const volatile unsigned char*)host->api;
  (void)bytes[host->api->struct_size];
}
#endif

#if defined(CALLS_UNKNOWN_FUNCTIONS)
static void call_unknown_functions(const unity_host* host) {
  void (*unknown)(void);
  if (host->api->struct_size <= sizeof *host->api) return;
  memcpy(&unknown, (const char*)host->api + sizeof *host->api, sizeof unknown);
  unknown();
}
#endif

#if defined(LOGS_A_SECRET)
static void log_bytes(void* host, unity_str bytes) {
  unity_str nothing = {NULL, 0};
  ((unity_host*)host)->api->log(host, UNITY_LOG_INFO, bytes, nothing);
}
#endif

#if defined(CANNOT_READ_OTHER_STATE)
static void count_bytes(void* count, unity_str bytes) { *(uint64_t*)count = bytes.len; }
#endif
#if defined(NEEDS_STATE) || defined(CREATE_FAILS_SILENTLY)
static void ignore_bytes(void* context, unity_str bytes) { (void)context, (void)bytes; }
#endif

/* ---- what it does to its process --------------------------------------------------------- */

#if defined(LEAVES_A_CHILD)
static void leave_a_child(void) {
  char* const command[] = {(char*)"sleep", (char*)"60", NULL};
  char* const nothing[] = {NULL};
  pid_t child;
  (void)!posix_spawn(&child, "/bin/sleep", NULL, NULL, command, nothing);
}
#endif

#endif
