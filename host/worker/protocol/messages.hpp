// What the host and a worker say to each other. docs/workers.md tells the story; here is its form.
//
// On a lane the host asks and the worker answers, one call at a time; lane 0 makes no calls. On the
// service channel the worker asks, at any time and from any thread, what its plugins want of the
// host.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/ports/collector.hpp"
#include "worker/runtime/instance.hpp"

namespace unity::host {

// ---- lane, to the worker ---------------------------------------------------------------------
// Each message begins with its kind.
enum class ToWorker : std::uint8_t { confine = 1, add_lane, load, add_instance, call, destroy };

// The first message; comes before any code of a plugin. Answered by Ready.
// `bytes` is a Confinement (worker/confine).
struct ConfineMessage {
  std::string bytes;
};
// Another lane; its socket and its cancel descriptor come along. Answered by Ready.
struct AddLaneMessage {
  std::uint32_t lane = 0;
};
// A plugin's sealed image comes along. Answered by Ready or Failed.
struct LoadMessage {
  std::uint32_t image = 0;
  PluginIdentity identity;
};
// The plugin's code runs only with the first call. Answered by Ready.
struct AddInstanceMessage {
  std::uint32_t instance = 0;
  std::uint32_t image = 0;
  std::uint32_t log_min_level = 0;
  InstanceSpec spec;
};
// Answered by Batch and StreamReady (streams only) as often as need be, and then by Result.
struct CallMessage {
  std::uint32_t instance = 0;
  CallKind kind = CallKind::collect;
  std::uint64_t run = 0;
  std::int64_t deadline_ns = 0;  // on the monotonic clock, which all processes share
  std::string options;           // for reconfigure
};
// Answered by Ready.
struct DestroyMessage {
  std::uint32_t instance = 0;
};

// ---- lane, to the host -----------------------------------------------------------------------
enum class ToHost : std::uint8_t { ready = 1, failed, result, batch, stream_ready };

struct ReadyMessage {
  std::vector<std::string> gaps;  // of the confinement
};
struct FailedMessage {
  std::string message;
};
// `unsupported`: a reconfigure() that the plugin does not offer.
struct ResultMessage {
  RunResult result;
  bool unsupported = false;
  std::vector<std::string> denied;  // accesses that the confinement denied meanwhile, in words
};
// What a stream emitted since the last one.
struct BatchMessage {
  std::vector<Emission> emissions;
};

// ---- service channel ---------------------------------------------------------------------------
enum class Service : std::uint8_t { log = 1, secret, state_get, state_put };

// Logs are not answered; the others are, by a ServiceReply.
struct ServiceRequest {
  Service service = Service::log;
  std::uint32_t instance = 0;
  std::uint32_t level = 0;
  std::string name;   // or what is logged
  std::string value;  // or fields
};
struct ServiceReply {
  std::int32_t status = 0;
  std::string value;
};

// ---- to bytes and back -------------------------------------------------------------------------
// What is read may be garbage: a message that is not whole, or has an unknown kind, is nothing.
std::string encode(const ConfineMessage& message);
std::string encode(const AddLaneMessage& message);
std::string encode(const LoadMessage& message);
std::string encode(const AddInstanceMessage& message);
std::string encode(const CallMessage& message);
std::string encode(const DestroyMessage& message);
std::string encode(const ReadyMessage& message);
std::string encode(const FailedMessage& message);
std::string encode(const ResultMessage& message);
std::string encode(const BatchMessage& message);
// The texts of emissions are the end of their message: the rest of it, to be sent before them.
std::string encode_without_texts(const ResultMessage& message);
std::string encode_without_texts(std::span<const Emission> batch);
std::vector<std::string_view> with_texts(std::string_view encoded,
                                         std::span<const Emission> emissions);
std::string encode_stream_ready();
std::string encode(const ServiceRequest& request);
std::string encode(const ServiceReply& reply);

std::optional<ToWorker> kind_to_worker(std::string_view bytes);
std::optional<ToHost> kind_to_host(std::string_view bytes);
// The whole message, its kind included.
template <class Message>
std::optional<Message> decode(std::string_view bytes);

}  // namespace unity::host
