// What the host does for one collector instance: its log lines, its secrets, its state; each only
// as far as its permissions go.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "log/log.hpp"
#include "plugin/log_gate.hpp"
#include "plugin/plugin_memory.hpp"
#include "plugin/secret_store.hpp"
#include "worker/runtime/services.hpp"

namespace unity::host {

// UNITY_LOG_… for a word of the configuration: "debug", "info", "warn", "error".
std::uint32_t plugin_log_level(std::string_view level);

class HostServices final : public PluginServices {
 public:
  using Log = std::function<void(LogLevel, std::string_view)>;

  struct Spec {
    std::string instance = {};
    std::uint32_t log_min_level = UNITY_LOG_INFO;
    // The names in its options; none if it may not ask for secrets at all.
    std::set<std::string, std::less<>> secrets = {};
    std::uint64_t state_quota = 0;  // 0: it may keep nothing
  };

  // `memory` and `secrets` outlive this.
  HostServices(Spec spec, PluginMemory& memory, SecretStore& secrets, Log log = write_log);
  ~HostServices() override;

  void log(std::uint32_t level, std::string_view message, std::string_view fields) override;
  std::uint32_t log_min_level() const override { return spec_.log_min_level; }
  unity_status secret(std::string_view name, std::string& value) override;
  unity_status state_get(std::string_view key, std::string& value) override;
  unity_status state_put(std::string_view key, std::string_view value) override;
  bool credentials_rejected() override;

 private:
  void tell_dropped(std::uint64_t lines);

  const Spec spec_;
  PluginMemory& memory_;
  SecretStore& secrets_;
  const Log log_;
  std::mutex mutex_;  // of the gate
  LogGate gate_;
};

}  // namespace unity::host
