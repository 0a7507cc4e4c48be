#pragma once
#include <fmt/format.h>
#include <algorithm>
#include "log/log.hpp"
#include "worker/runtime/services.hpp"
namespace unity::host {
inline std::uint32_t plugin_log_level(std::string_view level) {
  if (level == "debug") return UNITY_LOG_DEBUG;
  if (level == "warn") return UNITY_LOG_WARN;
  return level == "error" ? UNITY_LOG_ERROR : UNITY_LOG_INFO;
}
// TEMPORARY until HostServices is merged.
class PluginLog final : public PluginServices {
 public:
  PluginLog(std::string instance, std::uint32_t level)
      : instance_(std::move(instance)), level_(level) {}
  void log(std::uint32_t level, std::string_view message, std::string_view) override {
    const auto host_level = level >= UNITY_LOG_ERROR  ? LogLevel::error
                            : level >= UNITY_LOG_WARN ? LogLevel::warn
                            : level >= UNITY_LOG_INFO ? LogLevel::info
                                                      : LogLevel::debug;
    std::string line(message);
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    write_log(host_level, fmt::format("[{}] {}", instance_, line));
  }
  std::uint32_t log_min_level() const override { return level_; }
  unity_status secret(std::string_view, std::string&) override { return UNITY_E_NOT_FOUND; }
  unity_status state_get(std::string_view, std::string&) override { return UNITY_E_NOT_FOUND; }
  unity_status state_put(std::string_view, std::string_view) override { return UNITY_E_DENIED; }

 private:
  std::string instance_;
  std::uint32_t level_;
};
}  // namespace unity::host
