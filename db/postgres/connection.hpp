// A session with a PostgreSQL server. Every wait has a bound on our side too, so that a server that
// says nothing holds nobody up for ever. One thread at a time.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/parameters.hpp"
#include "postgres/rows.hpp"
#include "unity/core/base/result.hpp"
#include "unity/db/server_config.hpp"

namespace unity::db::postgres {

// "unity on nas:5432"
std::string place_of(const ServerConfig& config);

class Connection {
 public:
  // UTC, UTF-8, commits that wait for the disk.
  static Result<Connection> open(const ServerConfig& config);

  // Several statements without parameters are fine. `doing` completes "cannot … unity on nas:5432"
  // in the message of a failure.
  Result<void> execute(const std::string& sql, std::string_view doing);
  // One statement, prepared on its first use: `sql` is a constant.
  Result<Rows> query(const char* sql, const Parameters& parameters, std::string_view doing);
  // `sql` is a COPY … FROM STDIN; `data` all that it reads.
  Result<void> copy_in(const char* sql, std::string_view data, std::string_view doing);

  // `sql` is a COPY … TO STDOUT; `take` gets a piece after the other, which is there until it
  // returns. If it fails, the session is over.
  Result<void> copy_out(const std::string& sql, std::string_view doing,
                        const std::function<Result<void>(std::string_view)>& take);

  // How long one statement may take from now on; the configuration's value until then.
  Result<void> limit_statements(Duration most, std::string_view doing);

  // What the last failure was, as five letters; empty if there was none since forget_failure(), or
  // if it did not come from the server.
  const std::string& sqlstate() const { return sqlstate_; }
  void forget_failure() { sqlstate_.clear(); }
  // The session has ended: by an error, by the server, or because it was silent for too long.
  bool is_lost() const { return lost_; }
  const std::string& place() const { return place_; }
  // Waits without blocking the server; false at once if the session has ended.
  bool linger(Duration time);

  // For the pool.
  bool ping();
  bool reset();

 private:
  struct Close {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  using Answer = std::unique_ptr<PGresult, ClearResult>;

  Connection(PGconn* handle, const ServerConfig& config);
  Result<void> establish(Instant deadline);
  Result<void> greet();
  Result<void> prepare(const char* sql, const Parameters& parameters, std::string_view doing);

  // Sends what is buffered, then waits for one answer; null after the last.
  Result<Answer> next_answer(Instant deadline, std::string_view doing);
  // All answers up to the end; the last one, or the first error.
  Result<Answer> finish(Instant deadline, std::string_view doing);
  // Sends a COPY, which is to begin as `wanted`.
  Result<void> begin_copy(const char* sql, ExecStatusType wanted, Instant deadline,
                          std::string_view doing);
  // False: something is left to send.
  Result<bool> flush(std::string_view doing);
  Result<void> wait(bool to_send, Instant deadline, std::string_view doing);
  Instant deadline() const;
  Error fail(const PGresult* answer, std::string_view doing);
  Error lost(std::string_view doing, std::string reason);

  std::unique_ptr<PGconn, Close> handle_;
  Duration patience_;
  std::string place_;
  std::string sqlstate_;
  std::set<const char*> prepared_;  // by address: the texts are constants
  bool lost_ = false;
};

}  // namespace unity::db::postgres
