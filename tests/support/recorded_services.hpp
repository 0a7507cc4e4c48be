// Services of a host that keeps everything to itself.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "worker/runtime/services.hpp"

namespace unity::host {

class RecordedServices final : public PluginServices {
 public:
  void log(std::uint32_t level, std::string_view message, std::string_view) override {
    const std::lock_guard lock(mutex_);
    log_ += std::to_string(level) + " " + std::string(message) + "\n";
  }
  std::uint32_t log_min_level() const override { return UNITY_LOG_INFO; }
  unity_status secret(std::string_view name, std::string& value) override {
    return find(secrets, name, value);
  }
  unity_status state_get(std::string_view key, std::string& value) override {
    const std::lock_guard lock(mutex_);
    return find(state, key, value);
  }
  unity_status state_put(std::string_view key, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    if (value.empty()) {
      state.erase(std::string(key));
    } else {
      state[std::string(key)] = value;
    }
    return UNITY_OK;
  }

  std::string logged() {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  std::map<std::string, std::string, std::less<>> secrets;
  std::map<std::string, std::string, std::less<>> state;

 private:
  static unity_status find(const std::map<std::string, std::string, std::less<>>& values,
                           std::string_view name, std::string& value) {
    const auto found = values.find(name);
    if (found == values.end()) return UNITY_E_NOT_FOUND;
    value = found->second;
    return UNITY_OK;
  }

  std::mutex mutex_;
  std::string log_;
};

}  // namespace unity::host
