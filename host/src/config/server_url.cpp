#include "config/server_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace unity::host {
namespace {

Error invalid(std::string message) { return {Errc::invalid, std::move(message)}; }

std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    if (text[0] != '%') {
      decoded += text[0];
      text.remove_prefix(1);
      continue;
    }
    unsigned byte = 0;
    const auto digits = text.substr(1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2) return std::nullopt;
    decoded += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return decoded;
}

bool is_ssl_mode(std::string_view text) {
  constexpr std::string_view kModes[] = {"disable", "allow",     "prefer",
                                         "require", "verify-ca", "verify-full"};
  return std::find(std::begin(kModes), std::end(kModes), text) != std::end(kModes);
}

// What is before the first of `mark`; `text` keeps what is after it.
std::string_view cut(std::string_view& text, char mark) {
  const auto end = std::min(text.find(mark), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

Result<void> read_host(std::string_view address, db::ServerConfig& server) {
  std::string_view host = address;
  std::string_view port;
  if (address.starts_with('[')) {
    const auto end = address.find(']');
    if (end == address.npos) return invalid("a database URL has a [ without its ]");
    host = address.substr(1, end - 1);
    port = address.substr(end + 1);
    if (!port.empty()) port.remove_prefix(1);
  } else {
    host = cut(address, ':');
    port = address;
  }
  if (!host.empty()) server.host = host;
  if (port.empty()) return {};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), server.port);
  if (error == std::errc() && end == port.data() + port.size() && server.port != 0) return {};
  return invalid("the port of a database URL must be a number from 1 to 65535");
}

Result<void> read_options(std::string_view options, db::ServerConfig& server) {
  while (!options.empty()) {
    auto value = cut(options, '&');
    const auto key = cut(value, '=');
    const auto decoded = decode(value);
    if (key == "host" && decoded && !decoded->empty()) {
      server.host = *decoded;
    } else if (key == "sslmode" && decoded && is_ssl_mode(*decoded)) {
      server.sslmode = *decoded;
    } else if (key == "sslrootcert" && decoded && decoded->starts_with('/')) {
      server.sslrootcert = *decoded;
    } else {
      return invalid(
          "a database URL may have the options host (the server's socket, or its folder), "
          "sslmode (disable, allow, prefer, require, verify-ca, verify-full) and sslrootcert "
          "(the full path of a file)");
    }
  }
  return {};
}

}  // namespace

Result<db::DatabaseConfig> parse_server_url(std::string_view type, std::string_view rest) {
  db::DatabaseConfig config{std::string(type), {}, {}};
  auto& server = config.server;
  auto options = rest;
  auto name = cut(options, '?');
  auto address = cut(name, '/');
  if (const auto at = address.rfind('@'); at != address.npos) {
    auto password = address.substr(0, at);
    const auto user = cut(password, ':');
    address.remove_prefix(at + 1);
    const auto decoded_user = decode(user);
    const auto decoded_password = decode(password);
    if (!decoded_user || !decoded_password) {
      return invalid("a % in a database URL must be followed by two hexadecimal digits");
    }
    server.username = *decoded_user;
    server.password = *decoded_password;
  }
  const auto decoded_name = decode(name);
  if (!decoded_name || decoded_name->empty()) {
    return invalid("a database URL of a server must end with the name of the database: /name");
  }
  server.database = *decoded_name;
  if (auto read = read_host(address, server); !read) return read.error();
  if (auto read = read_options(options, server); !read) return read.error();
  if (!server.sslrootcert.empty() && !verifies(server)) return invalid(std::string(kUnverified));
  return config;
}

}  // namespace unity::host
