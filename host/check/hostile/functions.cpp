// What happens when a plugin calls its host. Borrowed bytes are copied by the kernel, so that a
// pointer that leads nowhere is a finding instead of a crash.
#include "check/hostile/functions.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "check/hostile/reading.hpp"
#include "check/hostile/text.hpp"
#include "check/hostile/world.hpp"
#include "check/process/failing_memory.hpp"

namespace unity::check {
namespace {

constexpr std::size_t kStateMax = std::size_t{256} << 10;

World& world() { return World::get(); }

// ---- unity_host -----------------------------------------------------------------------------

void host_log(unity_host* host, std::uint32_t, unity_str message, unity_str fields) {
  (void)world().find(host, HostCall::log);
  (void)read_shown(message, kTextMax, "a line of the log");
  (void)read_shown(fields, kTextMax, "the fields of a line of the log");
}

std::uint32_t host_log_min_level(unity_host* host) {
  (void)world().find(host, HostCall::log_min_level);
  return UNITY_LOG_TRACE;
}
std::int64_t host_now_unix_ns(unity_host* host) {
  (void)world().find(host, HostCall::now_unix_ns);
  return world().now_unix_ns();
}
std::uint64_t host_now_mono_ns(unity_host* host) {
  (void)world().find(host, HostCall::now_mono_ns);
  return world().now_mono_ns();
}

unity_status host_dataset_find(unity_host* host, unity_str name, std::uint32_t* out) {
  if (world().find(host, HostCall::dataset_find) == nullptr) return UNITY_E_INVALID;
  const auto wanted = read_lent(name, kTextMax, true, "the name of a dataset");
  if (const auto fault = world().fault()) return *fault;
  if (!wanted) return UNITY_E_INVALID;
  if (world().plan.bare) return UNITY_E_UNSUPPORTED;
  const auto& datasets = world().datasets;
  const auto found = std::find(datasets.begin(), datasets.end(), *wanted);
  if (*wanted != "metrics" && found == datasets.end()) return UNITY_E_NOT_FOUND;
  *out = *wanted == "metrics" ? UNITY_DATASET_METRICS
                              : static_cast<std::uint32_t>(found - datasets.begin()) + 1;
  return UNITY_OK;
}

// Gives bytes to the plugin's sink, which may not keep them.
void deliver(unity_sink sink, void* context, std::string_view bytes, const char* what) {
  const auto lent = lend(bytes.size(), 1, world().fences_texts(), what);
  std::memcpy(lent.at, bytes.data(), bytes.size());
  try {
    const PluginAllocates plugin;
    sink(context, {static_cast<const char*>(lent.at), bytes.size()});
  } catch (...) {
    world().breaches.add(Breach::exception, fmt::format("its sink for {} threw", what));
  }
  std::memset(lent.at, 0, bytes.size());
  if (world().plan.poison) take_back(lent, what, "its sink returned");
}

unity_status host_secret_get(unity_host* host, unity_str name, unity_sink sink, void* context) {
  if (world().find(host, HostCall::secret_get) == nullptr) return UNITY_E_INVALID;
  const auto wanted = read_lent(name, kTextMax, true, "the name of a secret");
  if (const auto fault = world().fault()) return *fault;
  if (!wanted || wanted->empty() || sink == nullptr) return UNITY_E_INVALID;
  if (world().plan.bare) return UNITY_E_UNSUPPORTED;
  world().count_secret();
  deliver(sink, context, kCanary, "a secret");
  return UNITY_OK;
}

unity_status host_state_get(unity_host* host, unity_str key, unity_sink sink, void* context) {
  if (world().find(host, HostCall::state_get) == nullptr) return UNITY_E_INVALID;
  const auto wanted = read_lent(key, kTextMax, true, "a key of the state");
  if (const auto fault = world().fault()) return *fault;
  if (!wanted || wanted->empty() || sink == nullptr) return UNITY_E_INVALID;
  if (world().plan.bare) return UNITY_E_UNSUPPORTED;
  const auto value = world().get_state(*wanted);
  if (!value) return UNITY_E_NOT_FOUND;
  deliver(sink, context, *value, "a value of the state");
  return UNITY_OK;
}

unity_status host_state_put(unity_host* host, unity_str key, unity_str value) {
  if (world().find(host, HostCall::state_put) == nullptr) return UNITY_E_INVALID;
  const auto wanted = read_lent(key, kTextMax, true, "a key of the state");
  auto bytes = read_lent(value, kStateMax, false, "a value of the state");
  if (bytes && bytes->find(kCanary) != bytes->npos) {
    world().breaches.add(Breach::secret, "its state holds the value of a secret");
  }
  if (const auto fault = world().fault()) return *fault;
  if (value.len > kStateMax) return UNITY_E_LIMIT;
  if (!wanted || wanted->empty() || !bytes) return UNITY_E_INVALID;
  if (world().plan.bare) return UNITY_E_UNSUPPORTED;
  world().put_state(*wanted, std::move(*bytes));
  return UNITY_OK;
}

const void* host_get_interface(unity_host* host, unity_str id) {
  (void)world().find(host, HostCall::get_interface);
  (void)read_lent(id, kTextMax, true, "the id of an interface");
  return nullptr;
}

// ---- unity_call -----------------------------------------------------------------------------

unity_status note_refusal(CallSide& side, unity_status status) {
  const std::lock_guard lock(side.mutex);
  if (status < 0 && side.refused == UNITY_OK) side.refused = status;
  return status;
}

unity_status call_emit(unity_call* call, const unity_batch* batch) {
  const auto side = world().find(call, HostCall::emit);
  if (side == nullptr) return UNITY_E_INVALID;
  Batch copy;
  const auto status = read_batch(batch, side->name, copy);
  if (const auto fault = world().fault()) return note_refusal(*side, *fault);
  if (status != UNITY_OK) return note_refusal(*side, status);
  const std::lock_guard lock(side->mutex);
  side->batches.push_back(std::move(copy));
  return UNITY_OK;
}

void call_fail(unity_call* call, const unity_error* lent) {
  const auto side = world().find(call, HostCall::fail);
  if (side == nullptr) return;
  unity_error error{};
  if (read_error(lent, error) != UNITY_OK) return;
  Failure failure;
  failure.retry_after_ms = error.retry_after_ms;
  failure.message = read_shown(error.message, kTextMax, "an error's message").value_or("");
  failure.code = read_shown(error.code, kTextMax, "an error's code").value_or("");
  const auto detail = read_shown(error.detail_json, kTextMax, "an error's detail");
  if (detail && !detail->empty() && !is_json_object(*detail)) {
    world().breaches.add(Breach::parameter,
                         fmt::format("{}: an error's detail is no JSON object", side->name));
  }
  const std::lock_guard lock(side->mutex);
  side->failure = std::move(failure);
}

std::uint32_t call_is_cancelled(unity_call* call) {
  const auto side = world().find(call, HostCall::is_cancelled);
  return side == nullptr || side->cancelled ? 1 : 0;
}

std::int32_t call_cancel_fd(unity_call* call) {
  const auto side = world().find(call, HostCall::cancel_fd);
  if (side == nullptr || world().fault()) return -1;  // a host may have no descriptor left
  if (side->fd < 0) side->fd = ::eventfd(side->cancelled ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (side->cancelled) side->cancel();  // it may have been cancelled in between
  return side->fd;
}

std::uint64_t call_deadline_mono_ns(unity_call* call) {
  const auto side = world().find(call, HostCall::deadline_mono_ns);
  return side != nullptr ? side->deadline_mono_ns : 0;
}

unity_status call_dataset_declare(unity_call* call, unity_str json, std::uint32_t*) {
  if (world().find(call, HostCall::dataset_declare) == nullptr) return UNITY_E_INVALID;
  (void)read_lent(json, kTextMax, true, "the declaration of a dataset");
  if (const auto fault = world().fault()) return *fault;
  return UNITY_E_UNSUPPORTED;
}

// ---- unity_stream ---------------------------------------------------------------------------

unity_status stream_emit(unity_stream* stream, const unity_batch* batch, std::uint64_t wait_ns) {
  const auto side = world().find(stream, HostCall::stream_emit);
  if (side == nullptr) return UNITY_E_INVALID;
  Batch copy;
  const auto status = read_batch(batch, side->call->name, copy);
  if (const auto fault = world().fault()) return *fault;
  if (status != UNITY_OK) return status;
  const auto room = world().plan.stream_room;
  std::unique_lock lock(side->mutex);
  const auto fits = [&] {
    return room == 0 || side->waiting_bytes + copy.data.size() <= room || side->call->cancelled;
  };
  constexpr std::uint64_t kWaitMax = 1'000'000'000;  // a cancelled call must not wait on
  if (!fits()) {
    side->changed.wait_for(lock, std::chrono::nanoseconds(std::min(wait_ns, kWaitMax)), fits);
  }
  if (room != 0 && side->waiting_bytes + copy.data.size() > room) {
    ++side->pushed_back;
    side->changed.notify_all();
    return UNITY_E_AGAIN;
  }
  side->waiting_bytes += copy.data.size();
  ++side->accepted;
  constexpr std::size_t kKept = 1000;
  if (side->batches.size() < kKept) side->batches.push_back(std::move(copy));
  side->changed.notify_all();
  return UNITY_OK;
}

unity_status stream_ready(unity_stream* stream) {
  const auto side = world().find(stream, HostCall::stream_ready);
  if (side == nullptr) return UNITY_E_INVALID;
  if (const auto fault = world().fault()) return *fault;
  const std::lock_guard lock(side->mutex);
  if (++side->ready == 2) {
    world().breaches.add(Breach::ready,
                         fmt::format("{} said ready() more than once", side->call->name));
  }
  side->changed.notify_all();
  return UNITY_OK;
}

// What the tables hold: each function, with memory that does not fail while the host itself is at
// work.
template <auto function>
struct Served;
template <class Result, class... Arguments, Result (*function)(Arguments...)>
struct Served<function> {
  static Result call(Arguments... arguments) {
    const HostAllocates host;
    return function(arguments...);
  }
};
template <auto function>
constexpr auto served = &Served<function>::call;

}  // namespace

void trap() {
  world().breaches.add(Breach::later,
                       "it called a function beyond the end of ABI 1.0 in a host's table");
}

const unity_host_api kHostFunctions = {
    sizeof(unity_host_api),     UNITY_ABI_LATEST,          served<host_log>,
    served<host_log_min_level>, served<host_now_unix_ns>,  served<host_now_mono_ns>,
    served<host_dataset_find>,  served<host_secret_get>,   served<host_state_get>,
    served<host_state_put>,     served<host_get_interface>};
const unity_call_api kCallFunctions = {sizeof(unity_call_api),
                                       0,
                                       served<call_emit>,
                                       served<call_fail>,
                                       served<call_is_cancelled>,
                                       served<call_cancel_fd>,
                                       served<call_deadline_mono_ns>,
                                       served<call_dataset_declare>};
const unity_stream_api kStreamFunctions = {sizeof(unity_stream_api), 0, served<stream_emit>,
                                           served<stream_ready>};

std::string_view to_text(HostCall call) {
  static constexpr std::string_view names[] = {
      "log",         "log_min_level", "now_unix_ns", "now_mono_ns",      "dataset_find",
      "secret_get",  "state_get",     "state_put",   "get_interface",    "emit",
      "fail",        "is_cancelled",  "cancel_fd",   "deadline_mono_ns", "dataset_declare",
      "stream emit", "stream ready"};
  return names[static_cast<std::size_t>(call)];
}

}  // namespace unity::check
