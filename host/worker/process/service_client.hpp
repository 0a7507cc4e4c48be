// The worker's way to ask the host for what its plugins want.
#pragma once

#include <atomic>
#include <mutex>

#include "worker/protocol/channel.hpp"
#include "worker/protocol/messages.hpp"
#include "worker/runtime/services.hpp"

namespace unity::host {

// Any thread; one question at a time, so that answers find who asked.
class ServiceClient {
 public:
  explicit ServiceClient(Channel channel) : channel_(std::move(channel)) {}

  // What there is no room for at once is dropped: a log must hold up nobody.
  void log(std::uint32_t instance, std::uint32_t level, std::string_view message,
           std::string_view fields);
  unity_status ask(Service service, std::uint32_t instance, std::string_view name,
                   std::string_view value, std::string* answer);

 private:
  std::mutex mutex_;
  Channel channel_;
};

// The services of one instance.
class RemoteServices final : public PluginServices {
 public:
  RemoteServices(ServiceClient& client, std::uint32_t instance, std::uint32_t log_min_level)
      : client_(client), instance_(instance), log_min_level_(log_min_level) {}

  void log(std::uint32_t level, std::string_view message, std::string_view fields) override {
    if (level >= log_min_level_) client_.log(instance_, level, message, fields);
  }
  std::uint32_t log_min_level() const override { return log_min_level_; }
  unity_status secret(std::string_view name, std::string& value) override {
    return client_.ask(Service::secret, instance_, name, {}, &value);
  }
  unity_status state_get(std::string_view key, std::string& value) override {
    return client_.ask(Service::state_get, instance_, key, {}, &value);
  }
  unity_status state_put(std::string_view key, std::string_view value) override {
    return client_.ask(Service::state_put, instance_, key, value, nullptr);
  }

 private:
  ServiceClient& client_;
  std::uint32_t instance_;
  std::uint32_t log_min_level_;
};

}  // namespace unity::host
