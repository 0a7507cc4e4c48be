#include "worker/protocol/confinement_wire.hpp"

#include "worker/protocol/wire.hpp"

namespace unity::host {
namespace {

enum PathRight : std::uint8_t { kRead = 1, kWrite = 2, kExecute = 4 };

void put_path(WireWriter& out, const worker::PathRule& rule) {
  out.put(rule.path);
  out.put(static_cast<std::uint8_t>((rule.read ? kRead : 0) | (rule.write ? kWrite : 0) |
                                    (rule.execute ? kExecute : 0)));
}

void put_ports(WireWriter& out, const worker::PortRule& rule) {
  out.put(rule.any);
  out.put_all(rule.ports, [](WireWriter& to, std::uint16_t port) { to.put(port); });
}

worker::PortRule get_ports(WireReader& in) {
  worker::PortRule rule;
  rule.any = in.flag();
  in.all([&](WireReader& from) { rule.ports.push_back(from.get<std::uint16_t>()); });
  return rule;
}

}  // namespace

std::string encode(const worker::Confinement& confinement) {
  WireWriter out;
  out.put_all(confinement.paths, put_path);
  put_ports(out, confinement.connect);
  put_ports(out, confinement.listen);
  out.put(confinement.looks_up_names).put(confinement.abstract_sockets).put(confinement.spawn);
  const auto& program = confinement.system_calls;
  out.put(std::string_view(reinterpret_cast<const char*>(program.data()), program.size()));
  const auto& limits = confinement.limits;
  out.put(limits.memory).put(limits.files).put(limits.cpu_seconds).put(limits.processes);
  return std::move(out.bytes());
}

std::optional<worker::Confinement> decode_confinement(std::string_view bytes) {
  WireReader in(bytes);
  worker::Confinement confinement;
  in.all([&](WireReader& from) {
    worker::PathRule rule;
    rule.path = from.text();
    const auto rights = from.get<std::uint8_t>();
    rule.read = (rights & kRead) != 0;
    rule.write = (rights & kWrite) != 0;
    rule.execute = (rights & kExecute) != 0;
    confinement.paths.push_back(std::move(rule));
  });
  confinement.connect = get_ports(in);
  confinement.listen = get_ports(in);
  confinement.looks_up_names = in.flag();
  confinement.abstract_sockets = in.flag();
  confinement.spawn = in.flag();
  const auto program = in.text();
  const auto* first = reinterpret_cast<const std::byte*>(program.data());
  confinement.system_calls.assign(first, first + program.size());
  confinement.limits.memory = in.get<std::uint64_t>();
  confinement.limits.files = in.get<std::uint64_t>();
  confinement.limits.cpu_seconds = in.get<std::uint64_t>();
  confinement.limits.processes = in.get<std::uint64_t>();
  if (!in.complete()) return std::nullopt;
  return confinement;
}

}  // namespace unity::host
