// How the hostile host behaves: the same plugin, a host of each kind.
#pragma once

#include <cstdint>
#include <string>

#include "unity/plugin.h"

namespace unity::check {

// What a plugin can call. The order is that of the tables.
enum class HostCall {
  log,
  log_min_level,
  now_unix_ns,
  now_mono_ns,
  dataset_find,
  secret_get,
  state_get,
  state_put,
  get_interface,
  emit,
  fail,
  is_cancelled,
  cancel_fd,
  deadline_mono_ns,
  dataset_declare,
  stream_emit,
  stream_ready,
};
std::string_view to_text(HostCall call);

struct Plan {
  bool guarded = false;  // what is lent lies before a forbidden page, and becomes one when it ends
  std::uint32_t abi = UNITY_ABI_LATEST;
  std::uint32_t later_slots = 0;  // functions that a later minor may have; none may be called
  bool bare = false;              // no state, no secrets, no datasets: all that is optional

  // The call that fails, counted over all calls that can fail; and whether those after it do too.
  std::int64_t fault_at = -1;
  unity_status fault = UNITY_E_INTERNAL;
  bool fault_stays = false;

  // What the host's clocks are ahead of the machine's.
  std::int64_t unix_ahead_ns = 0;
  std::uint64_t mono_ahead_ns = std::uint64_t{1} << 40;

  // Of a stream: bytes that may wait unread; 0: what comes is taken at once.
  std::uint64_t stream_room = 0;
};

// The value of every secret that is asked for.
inline constexpr std::string_view kCanary = "canary-5e1f0c9a-do-not-sing";

}  // namespace unity::check
