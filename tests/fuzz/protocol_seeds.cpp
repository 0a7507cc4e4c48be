// Writes the first inputs of fuzz_protocol: what the host and a worker really say to each other.
//
//     fuzz_protocol_seeds FOLDER
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "protocol_input.hpp"
#include "worker/protocol/confinement_wire.hpp"
#include "worker/protocol/messages.hpp"

namespace {

using namespace unity::host;
using unity::fuzz::PacketHead;
using unity::fuzz::ProtocolInput;

unity::worker::Confinement a_confinement() {
  unity::worker::Confinement confinement;
  confinement.paths = {{"/proc", true, false, false}, {"/tmp/x", true, true, true}};
  confinement.connect.ports = {53, 443};
  confinement.listen.any = true;
  confinement.looks_up_names = true;
  confinement.system_calls.resize(16, std::byte{6});
  confinement.limits = {1 << 20, 64, 10, 4};
  return confinement;
}

std::vector<unity::Emission> some_emissions() {
  unity::Emission lines;
  lines.text = "{\"metric\":\"m\",\"value\":1}\n";
  lines.time = unity::Time(std::chrono::seconds(1'700'000'000));
  lines.checkpoint = "at 17";
  unity::Emission array;
  array.format = unity::Emission::Format::json_array;
  array.text = "[]";
  return {lines, array};
}

ResultMessage a_result() {
  ResultMessage message;
  message.denied = {"may not open /etc/shadow"};
  message.result.run_class = unity::RunClass::partial;
  message.result.message = "half of it";
  message.result.code = "zoo.half";
  message.result.retry_after = std::chrono::seconds(3);
  message.result.emissions = some_emissions();
  return message;
}

// `parts` as packets that each carry so many descriptors.
std::string packets(const std::vector<std::string>& parts, std::uint8_t descriptors,
                    std::uint8_t oversized = 0) {
  std::string bytes;
  for (const auto& part : parts) {
    const PacketHead head{descriptors, oversized, static_cast<std::uint16_t>(part.size())};
    bytes.append(reinterpret_cast<const char*>(&head), sizeof head) += part;
  }
  return bytes;
}

class Folder {
 public:
  explicit Folder(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  void write(ProtocolInput what, const char* name, std::string_view bytes) {
    std::ofstream file(path_ / name, std::ios::binary);
    file.put(static_cast<char>(what)) << bytes;
    good_ = good_ && file.flush();
  }
  bool good() const { return good_; }

 private:
  std::filesystem::path path_;
  bool good_ = true;
};

void write_to_worker(Folder& to) {
  const auto what = ProtocolInput::to_worker;
  to.write(what, "confine", encode(ConfineMessage{encode(a_confinement())}));
  to.write(what, "add_lane", encode(AddLaneMessage{3}));
  to.write(what, "load", encode(LoadMessage{2, {"a.so", "{}", {"one", "two"}, {"three"}}}));
  to.write(what, "add_instance",
           encode(AddInstanceMessage{4, 2, 1, {"id", "one", "{\"n\":1}", "at 3"}}));
  to.write(what, "call_collect", encode(CallMessage{4, CallKind::collect, 5, 7, ""}));
  to.write(what, "call_reconfigure", encode(CallMessage{4, CallKind::reconfigure, 6, 7, "{}"}));
  to.write(what, "destroy", encode(DestroyMessage{4}));
}

void write_to_host(Folder& to) {
  const auto what = ProtocolInput::to_host;
  to.write(what, "ready", encode(ReadyMessage{}));
  to.write(what, "ready_with_gaps", encode(ReadyMessage{{"the kernel has no Landlock", ""}}));
  to.write(what, "failed", encode(FailedMessage{"cannot load a.so"}));
  to.write(what, "result", encode(a_result()));
  to.write(what, "result_of_nothing", encode(ResultMessage{}));
  to.write(what, "batch", encode(BatchMessage{some_emissions()}));
  to.write(what, "stream_ready", encode_stream_ready());
}

void write_services(Folder& to) {
  to.write(ProtocolInput::service_request, "log",
           encode(ServiceRequest{Service::log, 4, 2, "text", "{\"a\":1}"}));
  to.write(ProtocolInput::service_request, "state_put",
           encode(ServiceRequest{Service::state_put, 4, 0, "key", "value"}));
  to.write(ProtocolInput::service_reply, "reply", encode(ServiceReply{-3, "value"}));
  to.write(ProtocolInput::confinement, "confinement", encode(a_confinement()));
  to.write(ProtocolInput::confinement, "confinement_of_nothing",
           encode(unity::worker::Confinement{}));
}

void write_packets(Folder& to) {
  const std::string last(1, '\0');
  const std::string more(1, '\1');
  const auto result = encode(a_result());
  const auto what = ProtocolInput::packets;
  to.write(what, "one_packet", packets({last + result}, 0));
  to.write(what, "three_packets",
           packets({more + result.substr(0, 9), more, last + result.substr(9)}, 1));
  to.write(what, "two_messages", packets({last + "a", more + "b", last + "c"}, 2));
  to.write(what, "empty_packet", packets({more + "a", ""}, 0));
  to.write(what, "too_many_descriptors", packets({last}, 5));
  to.write(what, "oversized", packets({last}, 0, 255));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  Folder folder(argv[1]);
  write_to_worker(folder);
  write_to_host(folder);
  write_services(folder);
  write_packets(folder);
  if (folder.good()) return 0;
  std::fprintf(stderr, "cannot write to %s\n", argv[1]);
  return 1;
}
