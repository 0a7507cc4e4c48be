/* A plugin of collectd: $TICK_COUNT read callbacks at one second that sleep for $TICK_SLEEP_NS and
 * tell in $LATENESS_FILE how late they come. Their grid is the moment of their registration and
 * whole seconds. */
#include <stdlib.h>

#include "collectd.h"
#include "plugin.h"

#include "lateness.h"

struct tick {
  int64_t expected;
  int rounds;
};

static int64_t sleep_ns;
static int64_t skipped_rounds;

static int64_t setting(const char* name) {
  const char* text = getenv(name);
  return text != NULL ? atoll(text) : 0;
}

static int tick_read(user_data_t* data) {
  struct tick* tick = data->data;
  const int64_t now = lateness_now();
  if (tick->rounds++ >= skipped_rounds) lateness_add(now - tick->expected, now);
  tick->expected += 1000000000;
  lateness_sleep(sleep_ns);
  return 0;
}

static int tick_shutdown(void) {
  lateness_write(getenv("LATENESS_FILE"));
  return 0;
}

static int tick_init(void) {
  const int64_t count = setting("TICK_COUNT");
  sleep_ns = setting("TICK_SLEEP_NS");
  skipped_rounds = setting("TICK_SKIP");
  for (int64_t i = 0; i < count; ++i) {
    char name[32];
    struct tick* tick = calloc(1, sizeof *tick);
    user_data_t data = {.data = tick, .free_func = free};
    snprintf(name, sizeof name, "tick-%lld", (long long)i);
    tick->expected = lateness_now();
    plugin_register_complex_read(NULL, name, tick_read, TIME_T_TO_CDTIME_T(1), &data);
  }
  return 0;
}

void module_register(void) {
  plugin_register_init("tick", tick_init);
  plugin_register_shutdown("tick", tick_shutdown);
}
