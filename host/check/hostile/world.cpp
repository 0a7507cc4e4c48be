#include "check/hostile/world.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

#include "check/hostile/functions.hpp"

namespace unity::check {
namespace {

std::int64_t machine_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

CallSide::~CallSide() {
  if (fd >= 0) ::close(fd);
}

void CallSide::cancel() {
  cancelled = true;
  const std::uint64_t one = 1;
  if (fd >= 0) (void)!::write(fd, &one, sizeof one);
}

CallSide*& current_call() {
  static thread_local CallSide* current = nullptr;
  return current;
}

World& World::get() {
  static auto& world = *new World;  // for ever: plugins may have threads that outlive main()
  return world;
}

void World::set_phase(std::string_view text) {
  if (page != nullptr) page->set_phase(scenario + std::string(text));
}

void* World::add(char kind, std::shared_ptr<void> side, const void* table, std::size_t table_size,
                 const std::string& what) {
  Handle handle;
  handle.kind = kind;
  handle.side = std::move(side);
  const auto size = table_size + plan.later_slots * sizeof(void (*)());
  const bool fenced = plan.fence_tables || plan.poison;
  handle.table = lend(size, 8, fenced, fmt::format("the table of {}", what));
  auto* bytes = static_cast<std::byte*>(handle.table.at);
  std::memcpy(bytes, table, table_size);
  const auto struct_size = static_cast<std::uint32_t>(size);
  std::memcpy(bytes, &struct_size, sizeof struct_size);
  for (std::uint32_t i = 0; i < plan.later_slots; ++i) {
    const auto slot = &trap;
    std::memcpy(bytes + table_size + i * sizeof slot, &slot, sizeof slot);
  }
  if (kind == 'h') {
    std::memcpy(bytes + offsetof(unity_host_api, abi), &plan.abi, sizeof plan.abi);
  }
  handle.lent = lend(sizeof(void*), 8, fenced, what);
  std::memcpy(handle.lent.at, &handle.table.at, sizeof(void*));
  const std::lock_guard lock(mutex_);
  void* at = handle.lent.at;
  handles_[at] = std::move(handle);
  return at;
}

unity_host* World::add_host(std::shared_ptr<HostSide> side) {
  const auto what = "the unity_host of " + side->name;
  auto* kept = side.get();
  auto* handle = add('h', std::move(side), &kHostFunctions, sizeof kHostFunctions, what);
  kept->handle = handle;
  return static_cast<unity_host*>(handle);
}
unity_call* World::add_call(std::shared_ptr<CallSide> side) {
  const auto what = "the unity_call of " + side->name;
  return static_cast<unity_call*>(
      add('c', std::move(side), &kCallFunctions, sizeof kCallFunctions, what));
}
unity_stream* World::add_stream(std::shared_ptr<StreamSide> side) {
  const auto what = "the unity_stream of " + side->call->name;
  return static_cast<unity_stream*>(
      add('s', std::move(side), &kStreamFunctions, sizeof kStreamFunctions, what));
}

void World::end(void* handle, const std::string& what, const std::string& when) {
  Handle ended;
  {
    const std::lock_guard lock(mutex_);
    const auto found = handles_.find(handle);
    if (found == handles_.end()) return;
    ended = std::move(found->second);
    handles_.erase(found);
  }
  if (!plan.poison) return;
  take_back(ended.lent, what, when);
  take_back(ended.table, "the table of " + what, when);
}

void World::end_host(unity_host* handle) { end(handle, "unity_host", "destroy() returned"); }
void World::end_call(unity_call* handle) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = handles_.find(handle);
    if (found != handles_.end()) {
      const auto& side = *std::static_pointer_cast<CallSide>(found->second.side);
      if (side.fd >= 0 && ::fcntl(side.fd, F_GETFD) < 0) {
        breaches.add(Breach::token, fmt::format("{} closed the host's cancel_fd", side.name));
      }
    }
  }
  end(handle, "unity_call", "its call returned");
}
void World::end_stream(unity_stream* handle) { end(handle, "unity_stream", "stream() returned"); }

std::shared_ptr<void> World::find(void* handle, char kind, HostCall call) {
  const std::lock_guard lock(mutex_);
  const auto found = handles_.find(handle);
  if (found != handles_.end() && found->second.kind == kind) return found->second.side;
  if (found != handles_.end()) {
    breaches.add(Breach::pointer,
                 fmt::format("{}() was given a handle of another kind", to_text(call)));
  } else if (was_lent(handle)) {
    breaches.add(Breach::late,
                 fmt::format("{}() was called with a {} that had ended", to_text(call),
                             kind == 'h'   ? "unity_host"
                             : kind == 'c' ? "unity_call"
                                           : "unity_stream"));
  } else {
    breaches.add(Breach::pointer,
                 fmt::format("{}() was given a pointer that is no handle", to_text(call)));
  }
  return nullptr;
}

std::shared_ptr<HostSide> World::find(unity_host* handle, HostCall call) {
  auto side = std::static_pointer_cast<HostSide>(find(handle, 'h', call));
  const auto* current = current_call();
  if (side != nullptr && current != nullptr && current->host != nullptr && current->host != side) {
    breaches.add(Breach::crosstalk, fmt::format("within {} it called {}() of {}", current->name,
                                                to_text(call), side->name));
  }
  return side;
}

std::shared_ptr<CallSide> World::find(unity_call* handle, HostCall call) {
  auto side = std::static_pointer_cast<CallSide>(find(handle, 'c', call));
  if (side == nullptr || side->thread == std::this_thread::get_id()) return side;
  // The handle of a call of another instance, on that one's own thread, is a mix-up of instances.
  const auto* current = current_call();
  if (current != nullptr && current->host != side->host) {
    breaches.add(Breach::crosstalk, fmt::format("within {} it called {}() of {}", current->name,
                                                to_text(call), side->name));
  } else {
    breaches.add(Breach::thread,
                 fmt::format("{}() of {} was called on a thread other than the one that entered it",
                             to_text(call), side->name));
  }
  return nullptr;
}

std::shared_ptr<StreamSide> World::find(unity_stream* handle, HostCall call) {
  return std::static_pointer_cast<StreamSide>(find(handle, 's', call));
}

std::optional<unity_status> World::fault() {
  const auto index = fallible_++;
  if (plan.fault_at < 0 || index < plan.fault_at) return std::nullopt;
  if (index > plan.fault_at && !plan.fault_stays) return std::nullopt;
  return plan.fault;
}

std::map<std::string, std::string> World::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}
void World::set_state(std::map<std::string, std::string> state) {
  const std::lock_guard lock(mutex_);
  state_ = std::move(state);
}
std::optional<std::string> World::get_state(const std::string& key) {
  ++state_calls_;
  const std::lock_guard lock(mutex_);
  const auto found = state_.find(key);
  return found != state_.end() ? std::optional(found->second) : std::nullopt;
}
void World::put_state(const std::string& key, std::string value) {
  ++state_calls_;
  const std::lock_guard lock(mutex_);
  if (value.empty()) {
    state_.erase(key);
  } else {
    state_[key] = std::move(value);
  }
}

std::uint64_t World::now_mono_ns() const {
  return static_cast<std::uint64_t>(machine_clock(CLOCK_MONOTONIC)) + plan.mono_ahead_ns;
}
std::int64_t World::now_unix_ns() const {
  return machine_clock(CLOCK_REALTIME) + plan.unix_ahead_ns;
}

}  // namespace unity::check
