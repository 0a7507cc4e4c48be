/* How late calls come, counted in buckets of about one per cent, and written to a file: a line with
 * the calls of each second, then "upper bound in ns, count". */
#ifndef UNITY_BENCHMARK_LATENESS_H
#define UNITY_BENCHMARK_LATENESS_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define LATENESS_SUB 64
#define LATENESS_BUCKETS (LATENESS_SUB * 40)
#define LATENESS_SECONDS 3600

static atomic_ullong lateness_count[LATENESS_BUCKETS];
static atomic_llong lateness_first;
static atomic_uint lateness_second[LATENESS_SECONDS];

static int64_t lateness_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void lateness_sleep(int64_t nanoseconds) {
  if (nanoseconds <= 0) return;
  const struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  nanosleep(&time, NULL);
}

/* Below 64 ns exactly, then by the leading bit and the six bits after it. */
static unsigned lateness_bucket(uint64_t value) {
  if (value < LATENESS_SUB) return (unsigned)value;
  const int doubling = 63 - __builtin_clzll(value) - 6;
  const unsigned bucket = (unsigned)(doubling + 1) * LATENESS_SUB +
                          (unsigned)((value >> doubling) & (LATENESS_SUB - 1));
  return bucket < LATENESS_BUCKETS ? bucket : LATENESS_BUCKETS - 1;
}

static uint64_t lateness_bound(unsigned bucket) {
  if (bucket < LATENESS_SUB) return bucket;
  return ((uint64_t)LATENESS_SUB + bucket % LATENESS_SUB + 1) << (bucket / LATENESS_SUB - 1);
}

static void lateness_add(int64_t late, int64_t now) {
  long long none = 0;
  atomic_fetch_add(&lateness_count[lateness_bucket(late > 0 ? (uint64_t)late : 0)], 1);
  atomic_compare_exchange_strong(&lateness_first, &none, now);
  const int64_t second = (now - lateness_first) / 1000000000;
  if (second >= 0 && second < LATENESS_SECONDS) atomic_fetch_add(&lateness_second[second], 1);
}

static void lateness_write(const char* name) {
  FILE* file = name != NULL ? fopen(name, "w") : NULL;
  if (file == NULL) return;
  for (unsigned i = 0; i < LATENESS_SECONDS && lateness_second[i] > 0; ++i) {
    fprintf(file, "%u ", lateness_second[i]);
  }
  fprintf(file, "\n");
  for (unsigned i = 0; i < LATENESS_BUCKETS; ++i) {
    const unsigned long long count = lateness_count[i];
    if (count > 0) fprintf(file, "%llu %llu\n", (unsigned long long)lateness_bound(i), count);
  }
  fclose(file);
}

#endif
