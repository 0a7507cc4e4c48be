#include "mariadb/login.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

namespace unity::db::mariadb {
namespace {

constexpr std::uint16_t kPort = 3306;
constexpr const char* kSocketName = "mysqld.sock";
// The library waits on a stack of its own, on which it also resolves names and checks certificates.
constexpr std::size_t kStack = std::size_t{256} << 10;

bool is_socket(const ServerConfig& config) { return config.host.starts_with('/'); }

// The socket itself, or its folder.
std::string socket_of(const ServerConfig& config) {
  std::error_code ignored;  // what cannot be looked at fails with a better message when connecting
  const std::filesystem::path path(config.host);
  return std::filesystem::is_directory(path, ignored) ? (path / kSocketName).string() : config.host;
}

unsigned port_of(const ServerConfig& config) { return config.port != 0 ? config.port : kPort; }

// The user that the process runs as, whom the server knows by the socket's credentials.
std::string own_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 << 10);
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0) return {};
  return found != nullptr ? found->pw_name : std::string();
}

// A socket's line leaves the machine by no wire, and so needs no protection unless asked for.
bool may_use_tls(const ServerConfig& config) {
  const bool is_asked = config.sslmode == "require" || verifies(config);
  return is_asked || (!is_socket(config) && config.sslmode == "prefer");
}

}  // namespace

std::string place_of(const ServerConfig& config) {
  if (is_socket(config)) return fmt::format("{} on {}", config.database, socket_of(config));
  return fmt::format("{} on {}:{}", config.database, config.host, port_of(config));
}

Login make_login(const ServerConfig& config) {
  Login login;
  (is_socket(config) ? login.socket : login.host) =
      is_socket(config) ? socket_of(config) : config.host;
  login.user = config.username.empty() ? own_name() : config.username;
  login.port = port_of(config);
  return login;
}

void set_options(MYSQL* handle, const ServerConfig& config) {
  const unsigned protocol = is_socket(config) ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
  const my_bool yes = 1;
  const my_bool tls = may_use_tls(config) ? 1 : 0;
  const my_bool verify = verifies(config) ? 1 : 0;
  mysql_options(handle, MYSQL_OPT_NONBLOCK, &kStack);
  mysql_options(handle, MYSQL_OPT_PROTOCOL, &protocol);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  // No server may ask for the files of the machine that we run on.
  const unsigned no_files = 0;
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &no_files);
  mysql_options(handle, MYSQL_REPORT_DATA_TRUNCATION, &yes);
  mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &tls);
  mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
  if (!config.sslrootcert.empty()) {
    mysql_options(handle, MYSQL_OPT_SSL_CA, config.sslrootcert.c_str());
  }
  mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "unity");
}

Result<void> check_protection(MYSQL* handle, const ServerConfig& config) {
  const bool is_asked = config.sslmode == "require" || verifies(config);
  if (!is_asked || mysql_get_ssl_cipher(handle) != nullptr) return {};
  return Error{Errc::refused,
               fmt::format("cannot use {}: the server offers no TLS, and database.sslmode is {}; "
                           "set ssl_cert and ssl_key on the server",
                           place_of(config), config.sslmode)};
}

}  // namespace unity::db::mariadb
