#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "config/sections.hpp"

namespace unity::host {
namespace {

struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
};

// "127.0.0.1:8787" or "[::1]:8787".
std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  auto address = text.substr(0, colon);
  const auto port_text = text.substr(colon + 1);
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed) address = address.substr(1, address.size() - 2);
  if (address.empty() || bracketed != (address.find(':') != address.npos)) return std::nullopt;

  Endpoint endpoint{std::string(address), 0};
  const char* end = port_text.data() + port_text.size();
  const auto result = std::from_chars(port_text.data(), end, endpoint.port);
  if (port_text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  if (endpoint.address == "localhost") endpoint.address = "127.0.0.1";
  return endpoint;
}

enum class Reach { loopback, network, not_an_address };

Reach reach_of(const std::string& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127 ? Reach::loopback : Reach::network;
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, address.c_str(), &v6) != 1) return Reach::not_an_address;
  return std::memcmp(&v6, &in6addr_loopback, sizeof v6) == 0 ? Reach::loopback : Reach::network;
}

void read_listen(Reader& reader, const Entry& entry, HttpConfig& http) {
  const auto text = reader.text_or_empty(entry);
  if (!text) return;
  if (text->empty()) {
    http.enabled = false;
    return;
  }
  const auto endpoint = parse_endpoint(*text);
  const auto reach = endpoint ? reach_of(endpoint->address) : Reach::not_an_address;
  if (reach == Reach::not_an_address) {
    reader.error(entry.value.place,
                 fmt::format("`{}` must be an address and a port, such as \"127.0.0.1:8787\" or "
                             "\"[::1]:8787\", or \"\" for no server",
                             entry.key));
  } else if (reach == Reach::network) {
    reader.error(entry.value.place,
                 fmt::format("`{}` would let other machines in: that needs a token, which this "
                             "version cannot check yet; use a loopback address, such as "
                             "\"127.0.0.1:{}\"",
                             entry.key, endpoint->port));
  } else {
    http.address = endpoint->address;
    http.port = endpoint->port;
  }
}

constexpr Key<HttpConfig> kKeys[] = {
    {"enabled",
     [](Reader& r, const Entry& e, HttpConfig& h) {
       // Either key can switch the server off; neither switches it on against the other.
       if (const auto enabled = r.flag(e)) h.enabled = h.enabled && *enabled;
     }},
    {"listen", read_listen},
    {"metrics_values",
     [](Reader& r, const Entry& e, HttpConfig& h) { assign(h.metrics_values, r.flag(e)); }},
};

}  // namespace

void read_http(Reader& reader, const Entry& entry, HttpConfig& http) {
  reader.section(entry, kKeys, http);
}

}  // namespace unity::host
