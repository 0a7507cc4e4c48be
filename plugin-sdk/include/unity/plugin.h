/* The Unity plugin ABI, major 1. C99 and C++11, no dependencies beyond <stddef.h> and <stdint.h>.
 *
 * A plugin is a shared library that exports one function, unity_plugin_entry_v1. It offers one or
 * more collector types; the host creates instances of them and calls collect() on schedule, or
 * stream() once.
 *
 * Life: create, then collect or stream, with probe and reconfigure between calls, then destroy.
 *   The library is never unloaded.
 * Ownership: whatever is passed to a function is borrowed until that function returns; the callee
 *   copies what it keeps. Nobody frees the other side's memory.
 * Growth: every struct starts with its own size; members are only ever appended. Function tables
 *   are copied up to the smaller size; parameter structs must carry zeroes in any tail that the
 *   reader does not know.
 * Threads: each function carries a mark.
 *   [entry]      any thread, possibly several at once; no threads, no I/O, no allocation
 *   [call]       never two at a time for one instance, not always the same thread; other
 *                instances run at the same time
 *   [any]        any thread of the plugin, while the handle lives
 *   [interrupt]  concurrent with a [call] of the same instance; may only wake it
 *
 * What a host does not offer answers UNITY_E_UNSUPPORTED; what the manifest does not declare or
 * the operator does not grant, UNITY_E_DENIED. All of this is locked: docs/abi.md. */
#ifndef UNITY_PLUGIN_H
#define UNITY_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- versions --------------------------------------------------------------------------- */
#define UNITY_ABI(major, minor) ((major)*65536u + (minor)) /* no casts: must work inside #if */
#define UNITY_ABI_LATEST UNITY_ABI(1, 0)                   /* what this header describes     */
#ifndef UNITY_API_TARGET /* the lowest minor that has what the plugin needs */
#define UNITY_API_TARGET UNITY_ABI_LATEST
#endif

#define UNITY_EXPORT __attribute__((visibility("default")))

/* Is `field` inside what the other side compiled? Valid on every struct with a struct_size. */
#define UNITY_HAS(p, type, field) \
  ((p)->struct_size >= (uint32_t)(offsetof(type, field) + sizeof(((type*)0)->field)))

/* ---- strings: UTF-8, not NUL-terminated; {NULL, 0} is the empty string. Frozen for ever. - */
typedef struct unity_str {
  const char* ptr;
  uint64_t len;
} unity_str;

/* Variable-size host data is delivered into a sink, which is called at most once, before the
 * function that was given it returns. The bytes die when the sink returns; it calls nothing of the
 * host but log() and must not throw. */
typedef void (*unity_sink)(void* ctx, unity_str bytes);

/* ---- status: >= 0 success, < 0 error. The class of an error decides the retry policy. --- */
typedef int32_t unity_status;
#define UNITY_OK 0
#define UNITY_PARTIAL 1          /* collect: keep what was emitted, fail() text is a warning */
#define UNITY_END 2              /* stream: source is exhausted, do not restart              */
#define UNITY_E_TRANSIENT (-1)   /* retry with back-off                                      */
#define UNITY_E_CONFIG (-2)      /* do not retry until the configuration changes             */
#define UNITY_E_AUTH (-3)        /* credentials rejected: retry slowly                       */
#define UNITY_E_PERMANENT (-4)   /* the target can never serve this: park the instance       */
#define UNITY_E_CANCELLED (-5)   /* returned because the token fired                         */
#define UNITY_E_UNSUPPORTED (-6) /* optional operation that is not provided                  */
#define UNITY_E_TOO_NEW (-7)     /* a struct carries bytes that this side does not know      */
#define UNITY_E_AGAIN (-8)       /* stream emit: queue full and wait budget spent            */
#define UNITY_E_NOT_FOUND (-9)
#define UNITY_E_DENIED (-10)  /* not declared in the manifest or not granted by the operator */
#define UNITY_E_INVALID (-11) /* the caller broke this contract                              */
#define UNITY_E_LIMIT (-12)   /* a row, batch or state limit is exceeded                     */
#define UNITY_E_INTERNAL (-13)

enum {
  UNITY_LOG_TRACE = 0,
  UNITY_LOG_DEBUG = 4,
  UNITY_LOG_INFO = 8,
  UNITY_LOG_WARN = 12,
  UNITY_LOG_ERROR = 16
};
enum { UNITY_FORMAT_JSON_ARRAY = 1, UNITY_FORMAT_NDJSON = 2 };
enum { UNITY_COLLECTOR_POLLED = 1u << 0, UNITY_COLLECTOR_STREAMING = 1u << 1 };

/* Dataset 0 takes metric records:
 *   {"metric": "disk_io", "time": "2026-01-31T12:00:00Z", "tags": {"device": "sda"},
 *    "values": {"reads": 12, "writes": 3}, "summary": "..."}
 * "value": 1.5 may stand in place of "values"; "time", "tags" and "summary" are optional. */
#define UNITY_DATASET_METRICS 0u

/* ---- parameters, plugin to host --------------------------------------------------------- */
typedef struct unity_batch {
  uint32_t struct_size;
  uint32_t dataset;     /* UNITY_DATASET_METRICS or an index from dataset_find()             */
  uint32_t format;      /* UNITY_FORMAT_*                                                    */
  uint32_t flags;       /* 0                                                                 */
  unity_str data;       /* the records; at most 16 MiB a batch, 1 MiB a record               */
  uint64_t n_rows;      /* 0: not counted                                                    */
  int64_t time_unix_ns; /* for records without a time of their own; 0: the run's start       */
  unity_str checkpoint; /* opaque cursor, at most 64 KiB; durable only once the records are  */
} unity_batch;

typedef struct unity_error {
  uint32_t struct_size;
  uint32_t retry_after_ms; /* 0: host policy                                                 */
  unity_str message;       /* for people: what was attempted, on what, why it failed         */
  unity_str code;          /* for machines, stable, dotted: "pg.auth_failed"                 */
  unity_str detail_json;   /* optional JSON object                                           */
} unity_error;

/* ---- host handles: three lifetimes. What you may call depends on what you hold. --------- */
typedef struct unity_host { /* from create() to the return of destroy() */
  const struct unity_host_api* api;
} unity_host;
typedef struct unity_call { /* until the call that received it returns */
  const struct unity_call_api* api;
} unity_call;
typedef struct unity_stream { /* while stream() is active; later calls get UNITY_E_INVALID */
  const struct unity_stream_api* api;
} unity_stream;

typedef struct unity_host_api { /* [any]; never blocks on I/O */
  uint32_t struct_size;
  uint32_t abi; /* the host's UNITY_ABI(major, minor) */
  /* At most 16 KiB of a message are kept. `fields_json` is an object, or empty. */
  void (*log)(unity_host*, uint32_t level, unity_str message, unity_str fields_json);
  /* What lies below this level nobody will see. */
  uint32_t (*log_min_level)(unity_host*);
  int64_t (*now_unix_ns)(unity_host*);
  uint64_t (*now_mono_ns)(unity_host*);
  /* The number of a dataset of the manifest, for unity_batch; "metrics" is always there.
   * UNITY_E_NOT_FOUND: there is none of that name. */
  unity_status (*dataset_find)(unity_host*, unity_str name, uint32_t* out);
  /* A secret that the configuration names as {"$secret": "name"}; wiped once the sink returns.
   * Fetch it when it is needed rather than keep it. UNITY_E_DENIED, UNITY_E_NOT_FOUND. */
  unity_status (*secret_get)(unity_host*, unity_str name, unity_sink, void* ctx);
  /* What state_put() last kept for this instance, also before a restart. UNITY_E_NOT_FOUND. */
  unity_status (*state_get)(unity_host*, unity_str key, unity_sink, void* ctx);
  /* A key has 1 to 256 bytes, a value at most 256 KiB; one of length 0 deletes. UNITY_E_DENIED: the
   * manifest asks for no state. UNITY_E_LIMIT: more than it asks for, or than is granted. */
  unity_status (*state_put)(unity_host*, unity_str key, unity_str value);
  /* What a host has beside these tables, by an id with a revision, "org.example.thing/1". NULL:
   * this host does not know it. */
  const void* (*get_interface)(unity_host*, unity_str id);
} unity_host_api;

typedef struct unity_call_api { /* [call]: only on the thread that entered the plugin */
  uint32_t struct_size;
  uint32_t reserved0;
  /* Stages a batch; the host copies it. Committed when the call returns OK or PARTIAL. */
  unity_status (*emit)(unity_call*, const unity_batch*);
  /* Says why the call fails; the last one wins. */
  void (*fail)(unity_call*, const unity_error*);
  uint32_t (*is_cancelled)(unity_call*); /* non-zero: return UNITY_E_CANCELLED soon */
  /* Readable once cancelled; belongs to the host. -1 if it has none left: is_cancelled() tells. */
  int32_t (*cancel_fd)(unity_call*);
  uint64_t (*deadline_mono_ns)(unity_call*); /* on now_mono_ns()'s clock; 0: none */
  /* In create() and reconfigure(), for datasets that are not known before. Most hosts know only
   * those of the manifest: UNITY_E_UNSUPPORTED. */
  unity_status (*dataset_declare)(unity_call*, unity_str dataset_json, uint32_t* out);
} unity_call_api;

typedef struct unity_stream_api { /* [any] while stream() is active */
  uint32_t struct_size;
  uint32_t reserved0;
  /* Hands a batch over; the host copies it. Waits up to `wait_ns` for room, then UNITY_E_AGAIN:
   * nothing was taken, so pause the source and try again, or drop and say how much with log(). */
  unity_status (*emit)(unity_stream*, const unity_batch*, uint64_t wait_ns);
  /* Connected: from now on the instance counts as healthy. */
  unity_status (*ready)(unity_stream*);
} unity_stream_api;

/* ---- parameters, host to plugin --------------------------------------------------------- */
typedef struct unity_config {
  uint32_t struct_size;
  uint32_t reserved0;
  unity_str instance_id; /* the configured id; stable across restarts                        */
  unity_str json;        /* validated against the manifest's schema, defaults filled in      */
  unity_str checkpoint;  /* the newest durable one of this instance, or empty                */
} unity_config;

/* ---- what a plugin offers --------------------------------------------------------------- */
typedef struct unity_instance unity_instance; /* defined by the plugin */

typedef struct unity_collector { /* static const, one for each collector type */
  uint32_t struct_size;
  uint32_t flags; /* UNITY_COLLECTOR_* */
  unity_str name; /* must exist in the manifest */
  /* [call] Makes an instance, or says why not and leaves nothing behind. */
  unity_status (*create)(unity_host*, unity_call*, const unity_config*, unity_instance** out);
  /* [call] Only after a successful create. Joins all threads of the instance. */
  void (*destroy)(unity_instance*);
  /* [call] POLLED: emits what there is now and returns before the deadline. */
  unity_status (*collect)(unity_instance*, unity_call*);
  /* [call] STREAMING: on a thread of its own; returns when cancelled (UNITY_E_CANCELLED) or when
   * the source ends (UNITY_END), and no thread emits after that. */
  unity_status (*stream)(unity_instance*, unity_call*, unity_stream*);
  /* [interrupt] Optional: wakes the call in flight, whose token has fired; harmless if there is
   * none. Returns at once and frees nothing. */
  void (*interrupt)(unity_instance*);
  /* [call] Optional: takes a new configuration. An error keeps the old one in force;
   * UNITY_E_UNSUPPORTED: destroy and create instead. */
  unity_status (*reconfigure)(unity_instance*, unity_call*, const unity_config*);
  /* [call] Optional: says whether the source can be reached, and emits nothing. */
  unity_status (*probe)(unity_instance*, unity_call*);
} unity_collector;

typedef struct unity_plugin {
  uint32_t struct_size;
  uint32_t abi_target; /* UNITY_API_TARGET it was compiled for */
  uint32_t abi_min;    /* the oldest host ABI it can work with */
  uint32_t n_collectors;
  const unity_collector* const* collectors; /* pointers, so that the element may grow */
  unity_str manifest; /* the very bytes of the .note.unity note, without the final NUL */
} unity_plugin;

typedef struct unity_entry_args {
  uint32_t struct_size;
  uint32_t abi; /* the host's */
  unity_str host_name;
  unity_str host_version;
} unity_entry_args;

/* The only symbol a plugin exports. [entry] Returns a table that lives as long as the process,
 * or NULL to refuse this host. */
UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args*);

/* ---- layout of 1.0, pinned -------------------------------------------------------------- */
#if defined(__LP64__) && \
    (defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L))
#ifdef __cplusplus
#define UNITY_ASSERT_(condition, text) static_assert(condition, text)
#else
#define UNITY_ASSERT_(condition, text) _Static_assert(condition, text)
#endif
UNITY_ASSERT_(sizeof(unity_str) == 16, "unity_str");
UNITY_ASSERT_(sizeof(unity_batch) == 64 && offsetof(unity_batch, checkpoint) == 48, "unity_batch");
UNITY_ASSERT_(sizeof(unity_error) == 56, "unity_error");
UNITY_ASSERT_(sizeof(unity_host_api) == 80, "unity_host_api");
UNITY_ASSERT_(sizeof(unity_call_api) == 56, "unity_call_api");
UNITY_ASSERT_(sizeof(unity_stream_api) == 24, "unity_stream_api");
UNITY_ASSERT_(sizeof(unity_config) == 56, "unity_config");
UNITY_ASSERT_(sizeof(unity_collector) == 80, "unity_collector");
UNITY_ASSERT_(sizeof(unity_plugin) == 40, "unity_plugin");
UNITY_ASSERT_(sizeof(unity_entry_args) == 40, "unity_entry_args");
#endif

#ifdef __cplusplus
}
#endif
#endif
