// What the host offers for as long as the instance lives. Usable from any thread.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "unity/plugin.h"
#include "unity/sdk/failure.hpp"
#include "unity/sdk/secret.hpp"

namespace unity::sdk {
inline namespace v1 {

namespace detail {

// Takes what the host delivers into a sink. An exception must not cross the host's frames: it is
// kept until the host has returned and thrown on from there.
template <class Take>
class Sink {
 public:
  explicit Sink(Take& take) : take_(&take) {}

  static void deliver(void* self, unity_str bytes) noexcept {
    auto& sink = *static_cast<Sink*>(self);
    try {
      (*sink.take_)(from_abi(bytes));
    } catch (...) {
      sink.caught_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (caught_) std::rethrow_exception(caught_);
  }

 private:
  Take* take_;
  std::exception_ptr caught_;
};

}  // namespace detail

class Host {
 public:
  explicit Host(unity_host* host) : host_(host) {}

  void log(std::uint32_t level, std::string_view message) const { log(level, message, {}); }
  // `fields_json` is one JSON object, or empty.
  void log(std::uint32_t level, std::string_view message, std::string_view fields_json) const {
    host_->api->log(host_, level, to_abi(message), to_abi(fields_json));
  }
  void debug(std::string_view message) const { log(UNITY_LOG_DEBUG, message); }
  void info(std::string_view message) const { log(UNITY_LOG_INFO, message); }
  void warn(std::string_view message) const { log(UNITY_LOG_WARN, message); }
  void error(std::string_view message) const { log(UNITY_LOG_ERROR, message); }
  // Is a line of that level kept? Ask before building a costly one.
  bool logs(std::uint32_t level) const { return level >= host_->api->log_min_level(host_); }

  std::int64_t now_unix_ns() const { return host_->api->now_unix_ns(host_); }
  std::uint64_t now_mono_ns() const { return host_->api->now_mono_ns(host_); }

  // The number of a dataset that the manifest declares, for emit(). Fails if there is none.
  std::uint32_t dataset(std::string_view name) const {
    std::uint32_t found = 0;
    detail::require(host_->api->dataset_find(host_, to_abi(name), &found), "unity.dataset",
                    "cannot use the dataset " + std::string(name));
    return found;
  }

  // Gives the bytes of a secret to `take(std::string_view)`; the host wipes them when it returns.
  // `name` is what Options::secret_name() says, not the option's own name.
  template <class Take>
  void with_secret(std::string_view name, Take&& take) const {
    detail::Sink<std::remove_reference_t<Take>> sink(take);
    const auto status = host_->api->secret_get(host_, to_abi(name), &sink.deliver, &sink);
    sink.rethrow();
    detail::require(status, "unity.secret", "cannot get the secret " + std::string(name));
  }
  // A copy that wipes itself.
  Secret secret(std::string_view name) const {
    Secret kept;
    with_secret(name, [&](std::string_view bytes) { kept = Secret(bytes); });
    return kept;
  }

  // What this instance has put under that key, in this process or an earlier one.
  std::optional<std::string> state(std::string_view key) const {
    std::optional<std::string> kept;
    auto take = [&](std::string_view bytes) { kept.emplace(bytes); };
    detail::Sink<decltype(take)> sink(take);
    const auto status = host_->api->state_get(host_, to_abi(key), &sink.deliver, &sink);
    sink.rethrow();
    if (status == UNITY_E_NOT_FOUND) return std::nullopt;
    detail::require(status, "unity.state", "cannot read the state " + std::string(key));
    return kept;
  }
  // An empty value deletes the key.
  void put_state(std::string_view key, std::string_view value) const {
    detail::require(host_->api->state_put(host_, to_abi(key), to_abi(value)), "unity.state",
                    "cannot keep the state " + std::string(key));
  }
  void delete_state(std::string_view key) const { put_state(key, {}); }

  // An experimental table that the manifest names; null if this host does not offer it.
  const void* interface(std::string_view id) const {
    return host_->api->get_interface(host_, to_abi(id));
  }

 private:
  unity_host* host_;
};

}  // namespace v1
}  // namespace unity::sdk
