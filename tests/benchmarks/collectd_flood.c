// A plugin of collectd that dispatches a number of value lists at once, for into_postgres.py: what
// limits the rate then is the writer. Options: Lists, Series, Type.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectd.h"
#include "plugin.h"

#define VALUES_MAX 5

static const char* keys[] = {"Lists", "Series", "Type"};
static long lists = 1000;
static long series = 1000;
static char type[DATA_MAX_NAME_LEN] = "gauge";
static pthread_t thread;

static int configure(const char* key, const char* value) {
  if (strcasecmp(key, "Lists") == 0) lists = atol(value);
  if (strcasecmp(key, "Series") == 0) series = atol(value);
  if (strcasecmp(key, "Type") == 0) snprintf(type, sizeof type, "%s", value);
  return 0;
}

static void* flood(void* unused) {
  (void)unused;
  value_t values[VALUES_MAX];
  const size_t count = strcmp(type, "five") == 0 ? VALUES_MAX : 1;
  for (long i = 0; i < lists; ++i) {
    value_list_t list = VALUE_LIST_INIT;
    for (size_t v = 0; v < count; ++v) values[v].gauge = (double)(i + (long)v);
    list.values = values;
    list.values_len = count;
    list.time = cdtime();
    snprintf(list.host, sizeof list.host, "bench");
    snprintf(list.plugin, sizeof list.plugin, "flood");
    snprintf(list.type, sizeof list.type, "%s", type);
    snprintf(list.type_instance, sizeof list.type_instance, "%ld", i % series);
    plugin_dispatch_values(&list);
  }
  return NULL;
}

static int start(void) { return plugin_thread_create(&thread, flood, NULL, "flood"); }

void module_register(void) {
  plugin_register_config("flood", configure, keys, 3);
  plugin_register_init("flood", start);
}
