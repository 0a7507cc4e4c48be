#include "worker/protocol/messages.hpp"

#include "worker/protocol/wire.hpp"

namespace unity::host {
namespace {

void put_text(WireWriter& out, const std::string& text) { out.put(text); }

void put_emission(WireWriter& out, const Emission& emission) {
  out.put(static_cast<std::uint8_t>(emission.format));
  out.put(emission.time.time_since_epoch().count());
  out.put(emission.emitted.time_since_epoch().count());
  out.put(static_cast<std::uint64_t>(emission.text.size())).put(emission.checkpoint);
  out.put(emission.dataset);
}

// Its text comes later.
Emission get_emission(WireReader& in, std::vector<std::uint64_t>& sizes) {
  Emission emission;
  const auto format = in.get<std::uint8_t>();
  if (format > static_cast<std::uint8_t>(Emission::Format::ndjson)) in.fail();
  emission.format = static_cast<Emission::Format>(format);
  emission.time = Time(std::chrono::microseconds(in.get<std::int64_t>()));
  emission.emitted = Instant(Duration(in.get<std::int64_t>()));
  sizes.push_back(in.get<std::uint64_t>());
  emission.checkpoint = in.text();
  emission.dataset = in.text();
  return emission;
}

// A list that a plugin may have written: of so many, which is more than there are.
constexpr std::size_t kTextsMax = 1024;

std::vector<std::string> get_texts(WireReader& in) {
  std::vector<std::string> texts;
  in.all([&](WireReader& from) {
    if (texts.size() == kTextsMax) return from.fail();
    texts.emplace_back(from.text());
  });
  return texts;
}

std::vector<Emission> get_emissions(WireReader& in) {
  std::vector<Emission> emissions;
  std::vector<std::uint64_t> sizes;
  in.all([&](WireReader& from) { emissions.push_back(get_emission(from, sizes)); });
  for (std::size_t i = 0; i < emissions.size(); ++i) emissions[i].text = in.bytes(sizes[i]);
  return emissions;
}

std::string join(const std::vector<std::string_view>& parts) {
  std::string bytes;
  for (const auto part : parts) bytes += part;
  return bytes;
}

// Of the messages that have one: the kind was read before.
WireReader body(std::string_view bytes) { return WireReader(bytes.substr(bytes.empty() ? 0 : 1)); }

template <class Message>
std::optional<Message> whole(const WireReader& in, Message&& message) {
  if (!in.complete()) return std::nullopt;
  return std::move(message);
}

template <class Kind>
std::optional<Kind> kind_of(std::string_view bytes, Kind last) {
  const auto kind = WireReader(bytes).get<std::uint8_t>();
  if (kind == 0 || kind > static_cast<std::uint8_t>(last)) return std::nullopt;
  return static_cast<Kind>(kind);
}

}  // namespace

std::vector<std::string_view> with_texts(std::string_view encoded,
                                         std::span<const Emission> emissions) {
  std::vector<std::string_view> parts = {encoded};
  for (const auto& emission : emissions) parts.push_back(emission.text);
  return parts;
}

std::optional<ToWorker> kind_to_worker(std::string_view bytes) {
  return kind_of(bytes, ToWorker::destroy);
}
std::optional<ToHost> kind_to_host(std::string_view bytes) {
  return kind_of(bytes, ToHost::stream_ready);
}

std::string encode(const ConfineMessage& message) {
  return WireWriter().put(ToWorker::confine).put(message.bytes).bytes();
}
template <>
std::optional<ConfineMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  ConfineMessage message;
  message.bytes = in.text();
  return whole(in, std::move(message));
}

std::string encode(const AddLaneMessage& message) {
  return WireWriter().put(ToWorker::add_lane).put(message.lane).bytes();
}
template <>
std::optional<AddLaneMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  AddLaneMessage message;
  message.lane = in.get<std::uint32_t>();
  return whole(in, std::move(message));
}

std::string encode(const LoadMessage& message) {
  const auto& identity = message.identity;
  WireWriter out;
  out.put(ToWorker::load).put(message.image).put(identity.path).put(identity.manifest);
  out.put_all(identity.collectors, put_text).put_all(identity.datasets, put_text);
  return out.bytes();
}
template <>
std::optional<LoadMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  LoadMessage message;
  message.image = in.get<std::uint32_t>();
  message.identity.path = in.text();
  message.identity.manifest = in.text();
  message.identity.collectors = get_texts(in);
  message.identity.datasets = get_texts(in);
  return whole(in, std::move(message));
}

std::string encode(const AddInstanceMessage& message) {
  WireWriter out;
  out.put(ToWorker::add_instance).put(message.instance).put(message.image);
  out.put(message.log_min_level).put(message.spec.id).put(message.spec.collector);
  out.put(message.spec.options).put(message.spec.checkpoint);
  return out.bytes();
}
template <>
std::optional<AddInstanceMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  AddInstanceMessage message;
  message.instance = in.get<std::uint32_t>();
  message.image = in.get<std::uint32_t>();
  message.log_min_level = in.get<std::uint32_t>();
  message.spec.id = in.text();
  message.spec.collector = in.text();
  message.spec.options = in.text();
  message.spec.checkpoint = in.text();
  return whole(in, std::move(message));
}

std::string encode(const CallMessage& message) {
  WireWriter out;
  out.put(ToWorker::call).put(message.instance).put(message.kind).put(message.run);
  out.put(message.deadline_ns).put(message.options);
  return std::move(out.bytes());
}
template <>
std::optional<CallMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  CallMessage message;
  message.instance = in.get<std::uint32_t>();
  const auto kind = in.get<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(CallKind::reconfigure)) in.fail();
  message.kind = static_cast<CallKind>(kind);
  message.run = in.get<std::uint64_t>();
  message.deadline_ns = in.get<std::int64_t>();
  message.options = in.text();
  return whole(in, std::move(message));
}

std::string encode(const DestroyMessage& message) {
  return WireWriter().put(ToWorker::destroy).put(message.instance).bytes();
}
template <>
std::optional<DestroyMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  DestroyMessage message;
  message.instance = in.get<std::uint32_t>();
  return whole(in, std::move(message));
}

std::string encode(const ReadyMessage& message) {
  return WireWriter().put(ToHost::ready).put_all(message.gaps, put_text).bytes();
}
template <>
std::optional<ReadyMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  ReadyMessage message;
  message.gaps = get_texts(in);
  return whole(in, std::move(message));
}

std::string encode(const FailedMessage& message) {
  return WireWriter().put(ToHost::failed).put(message.message).bytes();
}
template <>
std::optional<FailedMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  FailedMessage message;
  message.message = in.text();
  return whole(in, std::move(message));
}

std::string encode_without_texts(const ResultMessage& message) {
  const auto& result = message.result;
  WireWriter out;
  out.put(ToHost::result).put(result.run_class);
  out.put(static_cast<std::uint8_t>(result.exhausted ? 1 : 0));
  out.put(static_cast<std::uint8_t>(message.unsupported ? 1 : 0));
  out.put(result.retry_after.count()).put(result.took.count()).put(result.cpu.count());
  out.put(result.message).put(result.code).put_all(message.denied, put_text);
  out.put_all(result.emissions, put_emission);
  return std::move(out.bytes());
}
std::string encode(const ResultMessage& message) {
  return join(with_texts(encode_without_texts(message), message.result.emissions));
}
template <>
std::optional<ResultMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  ResultMessage message;
  auto& result = message.result;
  const auto run_class = in.get<std::uint8_t>();
  if (run_class > static_cast<std::uint8_t>(RunClass::internal)) in.fail();
  result.run_class = static_cast<RunClass>(run_class);
  result.exhausted = in.flag();
  message.unsupported = in.flag();
  result.retry_after = Duration(in.get<std::int64_t>());
  result.took = Duration(in.get<std::int64_t>());
  result.cpu = Duration(in.get<std::int64_t>());
  result.message = in.text();
  result.code = in.text();
  message.denied = get_texts(in);
  result.emissions = get_emissions(in);
  return whole(in, std::move(message));
}

std::string encode_without_texts(std::span<const Emission> batch) {
  WireWriter out;
  out.put(ToHost::batch).put_all(batch, put_emission);
  return std::move(out.bytes());
}
std::string encode(const BatchMessage& message) {
  return join(with_texts(encode_without_texts(message.emissions), message.emissions));
}
template <>
std::optional<BatchMessage> decode(std::string_view bytes) {
  auto in = body(bytes);
  BatchMessage message;
  message.emissions = get_emissions(in);
  return whole(in, std::move(message));
}

std::string encode_stream_ready() { return WireWriter().put(ToHost::stream_ready).bytes(); }

std::string encode(const ServiceRequest& request) {
  WireWriter out;
  out.put(request.service).put(request.instance).put(request.level);
  out.put(request.name).put(request.value);
  return std::move(out.bytes());
}
template <>
std::optional<ServiceRequest> decode(std::string_view bytes) {
  const auto kind = kind_of(bytes, Service::state_put);
  if (!kind) return std::nullopt;
  auto in = body(bytes);
  ServiceRequest request;
  request.service = *kind;
  request.instance = in.get<std::uint32_t>();
  request.level = in.get<std::uint32_t>();
  request.name = in.text();
  request.value = in.text();
  return whole(in, std::move(request));
}

std::string encode(const ServiceReply& reply) {
  return WireWriter().put(reply.status).put(reply.value).bytes();
}
template <>
std::optional<ServiceReply> decode(std::string_view bytes) {
  WireReader in(bytes);
  ServiceReply reply;
  reply.status = in.get<std::int32_t>();
  reply.value = in.text();
  return whole(in, std::move(reply));
}

}  // namespace unity::host
