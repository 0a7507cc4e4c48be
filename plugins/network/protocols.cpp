#include "network/protocols.hpp"

namespace unity::plugins::network {
namespace {

template <class Struct>
struct Entry {
  std::string_view key;
  std::uint64_t Struct::*member;
};

constexpr Entry<Tcp> kTcp[] = {
    {"ActiveOpens", &Tcp::active_opens},     {"PassiveOpens", &Tcp::passive_opens},
    {"AttemptFails", &Tcp::failed_attempts}, {"EstabResets", &Tcp::resets_received},
    {"CurrEstab", &Tcp::established},        {"InSegs", &Tcp::segments_received},
    {"OutSegs", &Tcp::segments_sent},        {"RetransSegs", &Tcp::segments_retransmitted},
    {"InErrs", &Tcp::segments_bad},          {"OutRsts", &Tcp::resets_sent},
};
constexpr Entry<Sockets> kSocketsTotal[] = {{"used", &Sockets::used}};
constexpr Entry<Sockets> kSocketsTcp[] = {
    {"inuse", &Sockets::tcp_in_use},     {"orphan", &Sockets::tcp_orphans},
    {"tw", &Sockets::tcp_time_wait},     {"alloc", &Sockets::tcp_allocated},
    {"mem", &Sockets::tcp_memory_pages},
};
constexpr Entry<Sockets> kSocketsUdp[] = {{"inuse", &Sockets::udp_in_use},
                                          {"mem", &Sockets::udp_memory_pages}};
constexpr Entry<Sockets6> kTcp6[] = {{"inuse", &Sockets6::tcp_in_use}};
constexpr Entry<Sockets6> kUdp6[] = {{"inuse", &Sockets6::udp_in_use}};

template <class Struct, std::size_t N>
bool take(const Entry<Struct> (&entries)[N], std::string_view key, std::string_view value,
          Struct& out) {
  for (const auto& entry : entries) {
    if (entry.key == key) return parse_number(value, out.*entry.member);
  }
  return true;
}

// The rest of a line of sockstat: "inuse 5 orphan 0 ...".
template <class Struct, std::size_t N>
void take_pairs(const Lines& lines, Fields& fields, const Entry<Struct> (&entries)[N],
                Struct& out) {
  for (auto key = fields.next(); !key.empty(); key = fields.next()) {
    if (!take(entries, key, fields.next(), out)) lines.malformed("socket counts");
  }
}

}  // namespace

// A line of names, then a line of numbers, both beginning with "Tcp:".
Tcp parse_tcp(const Text& snmp) {
  constexpr std::string_view wanted = "TCP counters";
  Lines lines(snmp);
  while (lines.next()) {
    if (!lines.line().starts_with("Tcp:")) continue;
    Fields names(lines.line());
    if (!lines.next()) missing(wanted, snmp.path);
    Fields numbers(lines.line());
    if (numbers.next() != "Tcp:") lines.malformed(wanted);
    names.next();
    Tcp tcp;
    for (auto name = names.next(); !name.empty(); name = names.next()) {
      if (!take(kTcp, name, numbers.next(), tcp)) lines.malformed(wanted);
    }
    return tcp;
  }
  missing(wanted, snmp.path);
}

Sockets parse_sockets(const Text& sockstat) {
  Sockets sockets;
  Lines lines(sockstat);
  while (lines.next()) {
    Fields fields(lines.line());
    const auto kind = fields.next();
    if (kind == "sockets:") take_pairs(lines, fields, kSocketsTotal, sockets);
    if (kind == "TCP:") take_pairs(lines, fields, kSocketsTcp, sockets);
    if (kind == "UDP:") take_pairs(lines, fields, kSocketsUdp, sockets);
  }
  return sockets;
}

Sockets6 parse_sockets6(const Text& sockstat6) {
  Sockets6 sockets;
  Lines lines(sockstat6);
  while (lines.next()) {
    Fields fields(lines.line());
    const auto kind = fields.next();
    if (kind == "TCP6:") take_pairs(lines, fields, kTcp6, sockets);
    if (kind == "UDP6:") take_pairs(lines, fields, kUdp6, sockets);
  }
  return sockets;
}

}  // namespace unity::plugins::network
