#include "postgres/connection.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "postgres/error.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kConnecting = "connect to";
constexpr int kOldestServer = 120'000;  // version 12
constexpr std::size_t kChunk = std::size_t{64} << 10;
// The server ends a statement that takes too long; we only step in if it does not even do that.
constexpr Duration kGrace = std::chrono::seconds(5);
constexpr Duration kPingPatience = std::chrono::seconds(1);

Instant now() { return std::chrono::steady_clock::now(); }

// Rounded up, so that a wait does not end just before its deadline.
int millis_until(Instant deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

std::int64_t to_millis(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
}

std::string port_of(const ServerConfig& config) {
  return fmt::to_string(config.port != 0 ? config.port : 5432);
}

}  // namespace

std::string place_of(const ServerConfig& config) {
  return fmt::format("{} on {}:{}", config.database, config.host, port_of(config));
}

Connection::Connection(PGconn* handle, const ServerConfig& config)
    : handle_(handle), patience_(config.statement_timeout + kGrace), place_(place_of(config)) {}

Result<Connection> Connection::open(const ServerConfig& config) {
  const auto port = port_of(config);
  const auto options = config.schema.empty() ? std::string() : "-c search_path=" + config.schema;
  // A line that is cut without a word ends what waits on it after about 25 s.
  const std::pair<const char*, const char*> settings[] = {
      {"host", config.host.c_str()},
      {"port", port.c_str()},
      {"dbname", config.database.c_str()},
      {"user", config.username.empty() ? nullptr : config.username.c_str()},
      {"password", config.password.empty() ? nullptr : config.password.c_str()},
      {"sslmode", config.sslmode.c_str()},
      {"sslrootcert", config.sslrootcert.empty() ? nullptr : config.sslrootcert.c_str()},
      {"options", options.empty() ? nullptr : options.c_str()},
      {"application_name", "unity"},
      {"client_encoding", "UTF8"},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "25000"},
  };
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : settings) {
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);

  Connection connection(PQconnectStartParams(keys.data(), values.data(), 0), config);
  if (connection.handle_ == nullptr) {
    return Error{Errc::unavailable, "cannot connect to a database server: out of memory"};
  }
  if (auto done = connection.establish(now() + config.connect_timeout); !done) {
    return std::move(done).error();
  }
  if (auto done = connection.greet(); !done) return std::move(done).error();
  if (auto done = connection.limit_statements(config.statement_timeout, kConnecting); !done) {
    return std::move(done).error();
  }
  return connection;
}

Result<void> Connection::establish(Instant deadline) {
  PQsetErrorVerbosity(handle_.get(), PQERRORS_VERBOSE);  // the code is in no other place
  auto state =
      PQstatus(handle_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd socket{PQsocket(handle_.get()), events, 0};
    const int ready = poll(&socket, 1, millis_until(deadline));
    if (ready == 0) return lost(kConnecting, "no answer within database.connect_timeout");
    if (ready < 0 && errno != EINTR) return lost(kConnecting, "cannot wait for an answer");
    if (ready > 0) state = PQconnectPoll(handle_.get());
  }
  if (state != PGRES_POLLING_OK) {
    auto refusal = parse_refusal(PQerrorMessage(handle_.get()));
    if (refusal.state.empty()) return lost(kConnecting, std::move(refusal.text));
    sqlstate_ = refusal.state;
    lost_ = true;
    return server_error(refusal.state, refusal.text, kConnecting, place_);
  }
  PQsetErrorVerbosity(handle_.get(), PQERRORS_DEFAULT);
  PQsetnonblocking(handle_.get(), 1);
  // Left alone, libpq prints what the server remarks to standard error. What matters comes as an
  // error as well.
  PQsetNoticeProcessor(
      handle_.get(), [](void*, const char*) {}, nullptr);
  return {};
}

Result<void> Connection::greet() {
  if (PQserverVersion(handle_.get()) < kOldestServer) {
    return Error{Errc::refused, fmt::format("cannot use {}: the server is older than version {}",
                                            place_, kOldestServer / 10'000)};
  }
  const auto* encoding = PQparameterStatus(handle_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    return Error{Errc::refused,
                 fmt::format("cannot use {}: its encoding is {}, which cannot hold every name; "
                             "create it with `createdb -E UTF8 -T template0`",
                             place_, encoding != nullptr ? encoding : "unknown")};
  }
  // synchronous_commit: what was acknowledged survives a power cut, as the spool relies on.
  // Where TimescaleDB has it: rows that come late may be compared with as many compressed ones as
  // there are.
  return execute(
      "SET client_min_messages = warning; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; "
      "SET extra_float_digits = 1; "
      "SELECT set_config('synchronous_commit', 'on', false) "
      "WHERE current_setting('synchronous_commit') = 'off'; "
      "SELECT set_config(name, '0', false) FROM (SELECT "
      "'timescaledb.max_tuples_decompressed_per_dml_transaction' AS name) s "
      "WHERE current_setting(name, true) IS NOT NULL",
      kConnecting);
}

Result<void> Connection::limit_statements(Duration most, std::string_view doing) {
  patience_ = most + kGrace;
  return execute(fmt::format("SET statement_timeout = {}", to_millis(most)), doing);
}

Result<void> Connection::execute(const std::string& sql, std::string_view doing) {
  if (PQsendQuery(handle_.get(), sql.c_str()) == 0) return fail(nullptr, doing);
  auto answer = finish(deadline(), doing);
  if (!answer) return std::move(answer).error();
  return {};
}

Result<void> Connection::prepare(const char* sql, const Parameters& parameters,
                                 std::string_view doing) {
  if (prepared_.contains(sql)) return {};
  const auto name = fmt::format("unity_{}", fmt::ptr(sql));
  if (PQsendPrepare(handle_.get(), name.c_str(), sql, static_cast<int>(parameters.size()),
                    parameters.types().data()) == 0) {
    return fail(nullptr, doing);
  }
  if (auto answer = finish(deadline(), doing); !answer) return std::move(answer).error();
  prepared_.insert(sql);
  return {};
}

Result<Rows> Connection::query(const char* sql, const Parameters& parameters,
                               std::string_view doing) {
  if (auto prepared = prepare(sql, parameters, doing); !prepared) {
    return std::move(prepared).error();
  }
  const auto name = fmt::format("unity_{}", fmt::ptr(sql));
  const auto values = parameters.values();
  const std::vector<int> formats(parameters.size(), 1);
  if (PQsendQueryPrepared(handle_.get(), name.c_str(), static_cast<int>(parameters.size()),
                          values.data(), parameters.lengths().data(), formats.data(), 1) == 0) {
    return fail(nullptr, doing);
  }
  auto answer = finish(deadline(), doing);
  if (!answer) return std::move(answer).error();
  return Rows(std::move(*answer));
}

Result<void> Connection::begin_copy(const char* sql, ExecStatusType wanted, Instant end,
                                    std::string_view doing) {
  if (PQsendQuery(handle_.get(), sql) == 0) return fail(nullptr, doing);
  auto begun = next_answer(end, doing);
  if (!begun) return std::move(begun).error();
  if (PQresultStatus(begun->get()) == wanted) return {};
  auto error = fail(begun->get(), doing);
  if (auto rest = finish(end, doing); !rest && lost_) return std::move(rest).error();
  return error;
}

Result<void> Connection::copy_out(const std::string& sql, std::string_view doing,
                                  const std::function<Result<void>(std::string_view)>& take) {
  if (auto begun = begin_copy(sql.c_str(), PGRES_COPY_OUT, deadline(), doing); !begun) {
    return begun;
  }
  while (true) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(handle_.get(), &bytes, 1);
    const std::unique_ptr<char, decltype(&PQfreemem)> piece(bytes, &PQfreemem);
    if (size == -1) break;
    if (size < -1) return fail(nullptr, doing);
    if (size == 0) {
      if (auto waited = wait(false, deadline(), doing); !waited) return waited;
    } else if (auto taken = take({bytes, static_cast<std::size_t>(size)}); !taken) {
      lost_ = true;
      return taken;
    }
  }
  auto answer = finish(deadline(), doing);
  if (!answer) return std::move(answer).error();
  return {};
}

Result<void> Connection::copy_in(const char* sql, std::string_view data, std::string_view doing) {
  const auto end = deadline();
  if (auto begun = begin_copy(sql, PGRES_COPY_IN, end, doing); !begun) return begun;
  for (; !data.empty(); data.remove_prefix(std::min(data.size(), kChunk))) {
    const auto chunk = data.substr(0, kChunk);
    if (PQputCopyData(handle_.get(), chunk.data(), static_cast<int>(chunk.size())) != 1) {
      return fail(nullptr, doing);
    }
    for (auto sent = flush(doing); !sent || !*sent; sent = flush(doing)) {
      if (!sent) return std::move(sent).error();
      if (auto waited = wait(true, end, doing); !waited) return waited;
    }
  }
  if (PQputCopyEnd(handle_.get(), nullptr) != 1) return fail(nullptr, doing);
  auto answer = finish(end, doing);
  if (!answer) return std::move(answer).error();
  return {};
}

Result<Connection::Answer> Connection::next_answer(Instant end, std::string_view doing) {
  while (true) {
    auto sent = flush(doing);
    if (!sent) return std::move(sent).error();
    if (*sent && PQisBusy(handle_.get()) == 0) return Answer(PQgetResult(handle_.get()));
    if (auto waited = wait(!*sent, end, doing); !waited) return std::move(waited).error();
  }
}

Result<Connection::Answer> Connection::finish(Instant end, std::string_view doing) {
  Answer last;
  std::optional<Error> failure;
  while (true) {
    auto answer = next_answer(end, doing);
    if (!answer) return failure ? std::move(*failure) : std::move(answer).error();
    if (*answer == nullptr) break;
    const auto status = PQresultStatus(answer->get());
    const bool good =
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
    if (!good && !failure) failure = fail(answer->get(), doing);
    last = std::move(*answer);
  }
  if (failure) return std::move(*failure);
  return last;
}

Result<bool> Connection::flush(std::string_view doing) {
  const int left = PQflush(handle_.get());
  // What the server said before it left is still to be read, and says more.
  if (left < 0 && PQstatus(handle_.get()) == CONNECTION_BAD) return fail(nullptr, doing);
  return left <= 0;
}

Result<void> Connection::wait(bool to_send, Instant end, std::string_view doing) {
  const short events = to_send ? POLLIN | POLLOUT : POLLIN;
  pollfd socket{PQsocket(handle_.get()), events, 0};
  const int ready = poll(&socket, 1, millis_until(end));
  if (ready == 0) {
    return lost(doing,
                fmt::format("the server has not answered for {}", unity::to_text(patience_)));
  }
  if (ready < 0 && errno == EINTR) return {};
  if (ready < 0) return lost(doing, "cannot wait for an answer");
  if (PQconsumeInput(handle_.get()) == 0) return fail(nullptr, doing);
  return {};
}

Instant Connection::deadline() const { return now() + patience_; }

Error Connection::fail(const PGresult* answer, std::string_view doing) {
  const auto* state = answer != nullptr ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
  if (PQstatus(handle_.get()) == CONNECTION_BAD) lost_ = true;
  if (state == nullptr) {
    return lost(doing, parse_refusal(answer != nullptr ? PQresultErrorMessage(answer)
                                                       : PQerrorMessage(handle_.get()))
                           .text);
  }
  sqlstate_ = state;
  if (sqlstate_.starts_with("57P")) lost_ = true;  // the session ends with these
  const auto* text = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
  std::string reason = text != nullptr ? text : "no reason given";
  const auto* detail = PQresultErrorField(answer, PG_DIAG_MESSAGE_DETAIL);
  if (sqlstate_ == sqlstate::kDependentObjects && detail != nullptr) {  // it names them
    reason += fmt::format(" ({})", detail);
  }
  return server_error(sqlstate_, reason, doing, place_);
}

Error Connection::lost(std::string_view doing, std::string reason) {
  lost_ = true;
  sqlstate_.clear();
  return {Errc::unavailable, fmt::format("cannot {} {}: {}", doing, place_, reason)};
}

bool Connection::linger(Duration time) {
  pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
  const int ready = poll(&socket, 1, static_cast<int>(to_millis(time)));
  return ready <= 0 || (PQconsumeInput(handle_.get()) != 0 && !lost_);
}

bool Connection::ping() {
  const auto patience = std::exchange(patience_, kPingPatience);
  const auto alive = execute("", "ping").has_value();
  patience_ = patience;
  return alive;
}

bool Connection::reset() {
  if (lost_ || PQstatus(handle_.get()) != CONNECTION_OK) return false;
  return PQtransactionStatus(handle_.get()) == PQTRANS_IDLE;
}

}  // namespace unity::db::postgres
