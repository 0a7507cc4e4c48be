#include "mariadb/connection.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "mariadb/error.hpp"
#include "mariadb/fetch.hpp"
#include "mariadb/login.hpp"

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kConnecting = "connect to";
constexpr unsigned long kOldestServer = 100'600;  // 10.6: JSON_TABLE, and DDL that is atomic
constexpr Duration kLockWait = std::chrono::seconds(5);
// The server ends a statement that takes too long; we only step in if it does not even do that.
constexpr Duration kGrace = std::chrono::seconds(5);
constexpr Duration kPingPatience = std::chrono::seconds(1);
// Beyond this a larger packet saves nothing, and costs both sides memory.
constexpr std::size_t kPacketMax = std::size_t{4} << 20;

Instant steady_now() { return std::chrono::steady_clock::now(); }

// Rounded up, so that a wait does not end just before its deadline.
int millis_until(Instant deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Connection::Connection(MYSQL* handle, const ServerConfig& config)
    : handle_(handle), patience_(config.connect_timeout), place_(place_of(config)) {}

Result<Connection> Connection::open(const ServerConfig& config) {
  Connection connection(mysql_init(nullptr), config);
  if (connection.handle_ == nullptr) {
    return Error{Errc::unavailable, "cannot connect to a database server: out of memory"};
  }
  set_options(connection.handle_.get(), config);
  if (auto done = connection.establish(config); !done) return std::move(done).error();
  if (auto done = check_protection(connection.handle_.get(), config); !done) {
    return std::move(done).error();
  }
  if (auto done = connection.greet(); !done) return std::move(done).error();
  const auto lock_wait = std::min(kLockWait, config.statement_timeout);
  if (auto done = connection.limit_statements(config.statement_timeout, lock_wait, kConnecting);
      !done) {
    return std::move(done).error();
  }
  return connection;
}

Result<void> Connection::establish(const ServerConfig& config) {
  const auto login = make_login(config);
  const auto text = [](const std::string& value) {
    return value.empty() ? nullptr : value.c_str();
  };
  MYSQL* connected = nullptr;
  complete(
      deadline(),
      [&] {
        // CLIENT_FOUND_ROWS: an UPDATE tells which rows it found, also if it changed nothing.
        return mysql_real_connect_start(
            &connected, handle_.get(), text(login.host), text(login.user), text(config.password),
            config.database.c_str(), login.port, text(login.socket), CLIENT_FOUND_ROWS);
      },
      [&](int events) { return mysql_real_connect_cont(&connected, handle_.get(), events); });
  if (connected != nullptr) return {};
  return fail(kConnecting);
}

Result<void> Connection::greet() {
  const bool is_mariadb = mariadb_connection(handle_.get()) != 0;
  if (!is_mariadb || mysql_get_server_version(handle_.get()) < kOldestServer) {
    return Error{Errc::refused,
                 fmt::format("cannot use {}: the server is {} {}, and MariaDB 10.6 or newer is "
                             "needed",
                             place_, is_mariadb ? "MariaDB" : "not MariaDB but",
                             mysql_get_server_info(handle_.get()))};
  }
  for (const auto* sql :
       {"SET NAMES utf8mb4 COLLATE utf8mb4_bin",
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
        "NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1, foreign_key_checks = 1",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"}) {
    if (auto done = execute(sql, kConnecting); !done) return done;
  }
  auto packet = query("SELECT @@max_allowed_packet", Parameters(), kConnecting);
  if (!packet) return std::move(packet).error();
  packet_max_ = std::min(static_cast<std::size_t>(packet->integer(0, 0)) / 2, kPacketMax);
  return {};
}

Result<void> Connection::limit_statements(Duration most, Duration lock_wait,
                                          std::string_view doing) {
  // Whole seconds are all that the waits for locks know.
  const auto seconds =
      std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(lock_wait).count());
  auto done = execute(fmt::format("SET SESSION max_statement_time = {:.3f}, lock_wait_timeout = "
                                  "{}, innodb_lock_wait_timeout = {}",
                                  to_seconds(most), seconds, seconds),
                      doing);
  patience_ = most + kGrace;
  return done;
}

Result<void> Connection::execute(std::string_view sql, std::string_view doing) {
  int failed = 0;
  complete(
      deadline(),
      [&] { return mysql_real_query_start(&failed, handle_.get(), sql.data(), sql.size()); },
      [&](int events) { return mysql_real_query_cont(&failed, handle_.get(), events); });
  if (failed != 0) return fail(doing);
  return {};
}

Result<MYSQL_STMT*> Connection::prepare(const char* sql, std::string_view doing) {
  if (const auto found = prepared_.find(sql); found != prepared_.end()) return found->second.get();
  Statement statement(mysql_stmt_init(handle_.get()));
  if (statement == nullptr) return fail(doing);
  const auto length = std::char_traits<char>::length(sql);
  int failed = 0;
  complete(
      deadline(), [&] { return mysql_stmt_prepare_start(&failed, statement.get(), sql, length); },
      [&](int events) { return mysql_stmt_prepare_cont(&failed, statement.get(), events); });
  if (failed != 0) return fail(statement.get(), doing);
  return prepared_.emplace(sql, std::move(statement)).first->second.get();
}

// `rows`: 0 for a statement that is executed once, with parameters that are no arrays.
Result<void> Connection::run(MYSQL_STMT* statement, std::vector<MYSQL_BIND>& binds,
                             std::size_t rows, std::string_view doing) {
  const auto array = static_cast<unsigned>(rows);
  mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &array);
  if (!binds.empty() && mysql_stmt_bind_param(statement, binds.data()) != 0) {
    return fail(statement, doing);
  }
  int failed = 0;
  complete(
      deadline(), [&] { return mysql_stmt_execute_start(&failed, statement); },
      [&](int events) { return mysql_stmt_execute_cont(&failed, statement, events); });
  if (failed != 0) return fail(statement, doing);
  return {};
}

Result<Rows> Connection::query(const char* sql, Parameters parameters, std::string_view doing) {
  auto statement = prepare(sql, doing);
  if (!statement) return std::move(statement).error();
  auto binds = parameters.binds();
  if (auto done = run(*statement, binds, 0, doing); !done) return std::move(done).error();
  return fetch(*statement, doing);
}

Result<void> Connection::bulk(const char* sql, BulkRows& rows, std::string_view doing) {
  auto statement = prepare(sql, doing);
  if (!statement) return std::move(statement).error();
  for (std::size_t first = 0; first < rows.rows();) {
    const auto count = rows.fitting(first, packet_max_);
    if (count == 0) {
      return Error{Errc::invalid,
                   fmt::format("cannot {} {}: a row is larger than {} bytes, half of what the "
                               "server takes at once; raise max_allowed_packet on the server",
                               doing, place_, packet_max_)};
    }
    auto binds = rows.binds(first);
    if (auto done = run(*statement, binds, count, doing); !done) return done;
    first += count;
  }
  return {};
}

Result<Rows> Connection::fetch(MYSQL_STMT* statement, std::string_view doing) {
  if (mysql_stmt_field_count(statement) == 0) return Rows(0, mysql_stmt_affected_rows(statement));
  int failed = 0;
  complete(
      deadline(), [&] { return mysql_stmt_store_result_start(&failed, statement); },
      [&](int events) { return mysql_stmt_store_result_cont(&failed, statement, events); });
  if (failed != 0) return fail(statement, doing);
  auto rows = copy_rows(statement);
  if (!rows) return fail(statement, doing);
  return std::move(*rows);
}

template <class Start, class Resume>
void Connection::complete(Instant end, Start start, Resume resume) {
  timed_out_ = false;
  for (int events = start(); events != 0;) events = resume(wait(events, end));
}

int Connection::wait(int events, Instant end) {
  short wanted = 0;
  if ((events & MYSQL_WAIT_READ) != 0) wanted |= POLLIN;
  if ((events & MYSQL_WAIT_WRITE) != 0) wanted |= POLLOUT;
  if ((events & MYSQL_WAIT_EXCEPT) != 0) wanted |= POLLPRI;
  pollfd socket{mysql_get_socket(handle_.get()), wanted, 0};
  int ready = 0;
  do {
    ready = poll(&socket, 1, millis_until(end));
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) {
    timed_out_ = true;
    return MYSQL_WAIT_TIMEOUT;
  }
  int happened = 0;
  if ((socket.revents & (POLLIN | POLLHUP | POLLERR)) != 0) happened |= MYSQL_WAIT_READ;
  if ((socket.revents & (POLLOUT | POLLHUP | POLLERR)) != 0) happened |= MYSQL_WAIT_WRITE;
  if ((socket.revents & POLLPRI) != 0) happened |= MYSQL_WAIT_EXCEPT;
  return happened & events;
}

Instant Connection::deadline() const { return steady_now() + patience_; }

Error Connection::fail(std::string_view doing) {
  return fail(mysql_errno(handle_.get()), mysql_error(handle_.get()), doing);
}

Error Connection::fail(MYSQL_STMT* statement, std::string_view doing) {
  return fail(mysql_stmt_errno(statement), mysql_stmt_error(statement), doing);
}

Error Connection::fail(unsigned code, const char* text, std::string_view doing) {
  code_ = code;
  if (ends_session(code) || timed_out_) lost_ = true;
  if (!timed_out_) return server_error(code, text, doing, place_);
  return {
      Errc::unavailable,
      doing == kConnecting
          ? fmt::format("cannot {} {}: no answer within database.connect_timeout", doing, place_)
          : fmt::format("cannot {} {}: the server has not answered for {}", doing, place_,
                        unity::to_text(patience_))};
}

bool Connection::ping() {
  const auto patience = std::exchange(patience_, kPingPatience);
  int failed = 0;
  complete(
      deadline(), [&] { return mysql_ping_start(&failed, handle_.get()); },
      [&](int events) { return mysql_ping_cont(&failed, handle_.get(), events); });
  patience_ = patience;
  if (failed != 0) lost_ = true;
  return failed == 0;
}

// In a transaction nobody must go on; Transaction has ended all that began here.
bool Connection::reset() {
  unsigned status = 0;
  mariadb_get_infov(handle_.get(), MARIADB_CONNECTION_SERVER_STATUS, &status);
  return !lost_ && (status & SERVER_STATUS_IN_TRANS) == 0;
}

}  // namespace unity::db::mariadb
