// Any bytes as what a worker and the host say to each other: whatever is taken for a message reads
// the same once more, and packets become messages exactly as a few lines here would have it.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "protocol_input.hpp"
#include "require.hpp"
#include "worker/protocol/channel.hpp"
#include "worker/protocol/confinement_wire.hpp"
#include "worker/protocol/messages.hpp"

namespace {

using namespace unity::host;
using unity::fuzz::PacketHead;
using unity::fuzz::ProtocolInput;
using unity::fuzz::require;

void read_confinement(std::string_view bytes) {
  const auto confinement = decode_confinement(bytes);
  if (!confinement) return;
  const auto once = encode(*confinement);
  require(once.size() == bytes.size(), "a confinement is all of its bytes");
  const auto again = decode_confinement(once);
  require(again && encode(*again) == once, "a confinement reads as it was written");
}

template <class Message>
std::optional<Message> read(std::string_view bytes) {
  auto message = decode<Message>(bytes);
  if (!message) return message;
  const auto once = encode(*message);
  require(once.size() == bytes.size(), "a message is all of its bytes");
  const auto again = decode<Message>(once);
  require(again && encode(*again) == once, "a message reads as it was written");
  if (!bytes.empty()) {
    require(!decode<Message>(bytes.substr(0, bytes.size() - 1)), "a cut message is none");
  }
  return message;
}

void read_to_worker(std::string_view bytes) {
  const auto kind = kind_to_worker(bytes);
  if (!kind) return;
  switch (*kind) {
    case ToWorker::confine:
      if (const auto message = read<ConfineMessage>(bytes)) read_confinement(message->bytes);
      return;
    case ToWorker::add_lane:
      return void(read<AddLaneMessage>(bytes));
    case ToWorker::load:
      return void(read<LoadMessage>(bytes));
    case ToWorker::add_instance:
      return void(read<AddInstanceMessage>(bytes));
    case ToWorker::call:
      if (const auto message = read<CallMessage>(bytes)) {
        require(message->kind <= CallKind::reconfigure, "a call is of a known kind");
      }
      return;
    case ToWorker::destroy:
      return void(read<DestroyMessage>(bytes));
  }
  require(false, "a kind that is given is known");
}

void check_emissions(const std::vector<unity::Emission>& emissions, std::string_view bytes) {
  std::size_t size = 0;
  for (const auto& emission : emissions) {
    require(emission.format <= unity::Emission::Format::ndjson, "an emission's format is known");
    size += emission.text.size() + emission.checkpoint.size();
  }
  require(size <= bytes.size(), "no byte is in two emissions");
}

void read_to_host(std::string_view bytes) {
  const auto kind = kind_to_host(bytes);
  if (!kind) return;
  switch (*kind) {
    case ToHost::ready:
      return void(read<ReadyMessage>(bytes));
    case ToHost::failed:
      return void(read<FailedMessage>(bytes));
    case ToHost::result:
      if (const auto message = read<ResultMessage>(bytes)) {
        require(message->result.run_class <= unity::RunClass::internal, "a run's class is known");
        check_emissions(message->result.emissions, bytes);
      }
      return;
    case ToHost::batch:
      if (const auto message = read<BatchMessage>(bytes))
        check_emissions(message->emissions, bytes);
      return;
    case ToHost::stream_ready:
      return;  // has nothing but its kind
  }
  require(false, "a kind that is given is known");
}

// ---- packets
// -------------------------------------------------------------------------------------

bool send_packet(int socket, std::string_view packet, int descriptor, std::size_t count) {
  iovec part{const_cast<char*>(packet.data()), packet.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  std::array<int, 7> carried{};
  carried.fill(descriptor);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof carried)> control{};
  if (count > 0) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    auto* head = CMSG_FIRSTHDR(&header);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * count);
    std::memcpy(CMSG_DATA(head), carried.data(), sizeof(int) * count);
  }
  return ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

// What a channel should make of packets, one after the other.
struct Model {
  bool partial = false;
  std::string message;
  std::size_t descriptors = 0;

  Channel::Arrival take(std::string_view packet, std::size_t with) {
    if (!partial) {
      message.clear();
      descriptors = 0;
    }
    descriptors += with;
    if (packet.empty() || packet.size() > Channel::kPacketMax) return Channel::Arrival::gone;
    if (descriptors > Channel::kDescriptorsMax) return Channel::Arrival::gone;
    message += packet.substr(1);
    partial = packet.front() == 1;
    return partial ? Channel::Arrival::part : Channel::Arrival::message;
  }
};

void pass_packets(std::string_view input, int descriptor) {
  auto made = Channel::make();
  require(bool{made}, "there are sockets");
  auto& [near, far] = *made;
  Model model;
  PacketHead head;
  while (input.size() >= sizeof head) {
    std::memcpy(&head, input.data(), sizeof head);
    input.remove_prefix(sizeof head);
    std::string packet(input.substr(0, head.size));
    input.remove_prefix(packet.size());
    if (head.oversized == 255) packet.resize(Channel::kPacketMax + 1);
    const std::size_t with = head.descriptors & 7;
    require(send_packet(near.fd(), packet, descriptor, with), "an empty socket has room");

    const auto arrival = far.receive_part();
    require(arrival == model.take(packet, with), "a packet is taken for what it is");
    if (arrival == Channel::Arrival::gone) return;  // as all who receive do
    require(far.descriptors().size() == model.descriptors, "the descriptors came along");
    if (arrival != Channel::Arrival::message) continue;
    require(far.message() == model.message, "a message is what its packets held");
    read_to_host(far.message());
  }
}

// Among those that would be given out next.
int count_open(int last) {
  int count = 0;
  for (int fd = last + 1; fd < last + 12; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (static_cast<ProtocolInput>(data[0])) {
    case ProtocolInput::to_worker:
      read_to_worker(bytes);
      break;
    case ProtocolInput::to_host:
      read_to_host(bytes);
      break;
    case ProtocolInput::service_request:
      read<ServiceRequest>(bytes);
      break;
    case ProtocolInput::service_reply:
      read<ServiceReply>(bytes);
      break;
    case ProtocolInput::confinement:
      read_confinement(bytes);
      break;
    case ProtocolInput::packets: {
      const int before = count_open(descriptor);
      pass_packets(bytes, descriptor);
      require(count_open(descriptor) == before, "no descriptor stays open");
      break;
    }
    default:
      return -1;  // not worth keeping
  }
  return 0;
}
