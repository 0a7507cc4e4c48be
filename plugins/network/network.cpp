// unity.network: traffic and state of interfaces, sockets, TCP.
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/links.hpp"
#include "network/protocols.hpp"
#include "support/glob.hpp"
#include "support/interfaces.hpp"
#include "support/reading.hpp"
#include "support/root.hpp"
#include "unity/plugin.hpp"
#include "unity_manifest.h"

namespace unity::plugins::network {
namespace {

constexpr std::string_view kId = "unity.network";
// Machines with containers have hundreds of interfaces, and a process mostly 1024 descriptors.
constexpr std::size_t kLinksKeptOpen = 32;

class Network {
 public:
  Network(sdk::Host host, const sdk::Options& options)
      : host_(host), root_(options.string("root"), kId), exclude_(options.strings("exclude")) {}

  void collect(sdk::Call call) {
    records_.clear();
    reading(kId, [&] {
      add_interfaces();
      add_sockets();
      add_tcp();
    });
    call.emit(records_);
  }

 private:
  struct Known {
    std::string name;
    std::optional<Link> link;  // only of interfaces that are wanted
  };

  void add_interfaces() {
    const auto text = dev_.read();
    if (!text) return;  // a kernel without network
    parse_interfaces(*text, interfaces_);
    known_.resize(interfaces_.size());
    for (std::size_t i = 0; i < interfaces_.size(); ++i) {
      // Interfaces mostly keep their order, so a name in its old place was judged before.
      if (known_[i].name != interfaces_[i].name) known_[i] = judge(interfaces_[i].name);
      if (known_[i].link) add_interface(known_[i], interfaces_[i], i < kLinksKeptOpen);
    }
  }

  Known judge(std::string_view name) const {
    Known known{std::string(name), std::nullopt};
    if (!matches_any(exclude_, name)) known.link.emplace(root_, name);
    return known;
  }

  void add_interface(Known& known, const Interface& interface, bool keep_open) {
    records_.metric("interface")
        .tag("interface", known.name)
        .field("rx_bytes", interface.received.bytes)
        .field("rx_packets", interface.received.packets)
        .field("rx_errors", interface.received.errors)
        .field("rx_dropped", interface.received.dropped)
        .field("rx_multicast", interface.multicast)
        .field("tx_bytes", interface.sent.bytes)
        .field("tx_packets", interface.sent.packets)
        .field("tx_errors", interface.sent.errors)
        .field("tx_dropped", interface.sent.dropped)
        .field("collisions", interface.collisions);
    const auto state = known.link->read(host_.now_mono_ns(), keep_open);
    if (!state) return;
    auto record = records_.metric("link");
    record.tag("interface", known.name).field("up", state->up);
    if (state->bytes_per_second) record.field("speed", *state->bytes_per_second);
  }

  void add_sockets() {
    const auto text = sockstat_.read();
    if (!text) return;
    const auto sockets = parse_sockets(*text);
    auto record = records_.metric("sockets");
    record.field("used", sockets.used)
        .field("tcp_in_use", sockets.tcp_in_use)
        .field("tcp_orphans", sockets.tcp_orphans)
        .field("tcp_time_wait", sockets.tcp_time_wait)
        .field("tcp_allocated", sockets.tcp_allocated)
        .field("tcp_memory", sockets.tcp_memory_pages * page_size_)
        .field("udp_in_use", sockets.udp_in_use)
        .field("udp_memory", sockets.udp_memory_pages * page_size_);
    const auto text6 = sockstat6_.read();
    if (!text6) return;  // a kernel without IPv6
    const auto sockets6 = parse_sockets6(*text6);
    record.field("tcp6_in_use", sockets6.tcp_in_use).field("udp6_in_use", sockets6.udp_in_use);
  }

  void add_tcp() {
    const auto text = snmp_.read();
    if (!text) return;
    const auto tcp = parse_tcp(*text);
    records_.metric("tcp")
        .field("active_opens", tcp.active_opens)
        .field("passive_opens", tcp.passive_opens)
        .field("failed_attempts", tcp.failed_attempts)
        .field("established", tcp.established)
        .field("segments_received", tcp.segments_received)
        .field("segments_sent", tcp.segments_sent)
        .field("segments_retransmitted", tcp.segments_retransmitted)
        .field("segments_bad", tcp.segments_bad)
        .field("resets_received", tcp.resets_received)
        .field("resets_sent", tcp.resets_sent);
  }

  sdk::Host host_;
  Root root_;
  std::vector<std::string> exclude_;
  std::uint64_t page_size_ = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  KeptFile dev_{root_.namespaced("net/dev")};
  KeptFile snmp_{root_.namespaced("net/snmp")};
  KeptFile sockstat_{root_.namespaced("net/sockstat")};
  KeptFile sockstat6_{root_.namespaced("net/sockstat6")};
  std::vector<Interface> interfaces_;
  std::vector<Known> known_;  // by position in the file
  sdk::Records records_;
};

}  // namespace
}  // namespace unity::plugins::network

UNITY_PLUGIN(unity::sdk::polled<unity::plugins::network::Network>("network"))
