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
  bool fence_tables = false;  // the tables end where memory begins that may not be touched
  bool fence_texts = false;   // so do all texts and parameters that are lent
  bool poison = false;        // what was lent may not be touched any more when its time is over
  std::uint32_t abi = UNITY_ABI_LATEST;
  std::uint32_t later_slots = 0;  // functions that a later minor may have; none may be called
  std::uint32_t config_tail = 0;  // bytes of zeroes behind unity_config, as of a later minor
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
