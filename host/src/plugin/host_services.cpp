#include "plugin/host_services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "unity/core/base/text.hpp"
#include "worker/runtime/limits.hpp"

namespace unity::host {
namespace {

LogLevel to_host_level(std::uint32_t level) {
  return level >= UNITY_LOG_ERROR  ? LogLevel::error
         : level >= UNITY_LOG_WARN ? LogLevel::warn
         : level >= UNITY_LOG_INFO ? LogLevel::info
                                   : LogLevel::debug;
}

}  // namespace

std::uint32_t plugin_log_level(std::string_view level) {
  if (level == "debug") return UNITY_LOG_DEBUG;
  if (level == "warn") return UNITY_LOG_WARN;
  return level == "error" ? UNITY_LOG_ERROR : UNITY_LOG_INFO;
}

HostServices::HostServices(Spec spec, PluginMemory& memory, SecretStore& secrets, Log log)
    : spec_(std::move(spec)), memory_(memory), secrets_(secrets), log_(std::move(log)) {}

HostServices::~HostServices() { tell_dropped(gate_.take_dropped()); }

void HostServices::log(std::uint32_t level, std::string_view message, std::string_view fields) {
  if (level < spec_.log_min_level) return;
  std::uint64_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!gate_.pass(std::chrono::steady_clock::now())) return;
    dropped = gate_.take_dropped();
  }
  tell_dropped(dropped);
  log_(to_host_level(level),
       fmt::format("[{}] {}{}{}", spec_.instance, one_line(message, kLogLineMax),
                   fields.empty() ? "" : " ", one_line(fields, kLogLineMax)));
}

void HostServices::tell_dropped(std::uint64_t lines) {
  if (lines == 0) return;
  log_(LogLevel::warn,
       fmt::format("{} lines of collector {} were dropped: it may write {} at once and {} a second",
                   lines, spec_.instance, LogGate::kBurst, LogGate::kLinesPerSecond));
}

unity_status HostServices::secret(std::string_view name, std::string& value) {
  if (!spec_.secrets.contains(name)) return UNITY_E_DENIED;
  const auto found = secrets_.get(name);
  if (found == nullptr) return UNITY_E_NOT_FOUND;
  value = found->view();
  return UNITY_OK;
}

bool HostServices::credentials_rejected() {
  bool changed = false;
  for (const auto& name : spec_.secrets) {
    const auto another = secrets_.refresh(name);
    changed = changed || (another && *another);
  }
  return changed;
}

unity_status HostServices::state_get(std::string_view key, std::string& value) {
  if (spec_.state_quota == 0) return UNITY_E_DENIED;
  return memory_.state_get(spec_.instance, key, value);
}

unity_status HostServices::state_put(std::string_view key, std::string_view value) {
  if (spec_.state_quota == 0) return UNITY_E_DENIED;
  return memory_.state_put(spec_.instance, key, value, spec_.state_quota);
}

}  // namespace unity::host
