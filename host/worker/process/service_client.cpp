#include "worker/process/service_client.hpp"

#include <string.h>

namespace unity::host {

void ServiceClient::log(std::uint32_t instance, std::uint32_t level, std::string_view message,
                        std::string_view fields) {
  const auto bytes = encode(
      ServiceRequest{Service::log, instance, level, std::string(message), std::string(fields)});
  const std::lock_guard lock(mutex_);
  channel_.try_send(bytes);
}

unity_status ServiceClient::ask(Service service, std::uint32_t instance, std::string_view name,
                                std::string_view value, std::string* answer) {
  const auto bytes =
      encode(ServiceRequest{service, instance, 0, std::string(name), std::string(value)});
  const std::lock_guard lock(mutex_);
  if (!channel_.send(bytes) || !channel_.receive()) return UNITY_E_INTERNAL;
  auto reply = decode<ServiceReply>(channel_.message());
  if (!reply) return UNITY_E_INTERNAL;
  if (answer != nullptr) *answer = reply->value;
  wipe(reply->value);  // it may be a secret
  ::explicit_bzero(const_cast<char*>(channel_.message().data()), channel_.message().size());
  return reply->status;
}

}  // namespace unity::host
