// A session with a MariaDB server. Every wait has a bound on our side too, so that a server that
// says nothing holds nobody up for ever. One thread at a time.
#pragma once

#include <mysql.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "mariadb/bulk_rows.hpp"
#include "mariadb/parameters.hpp"
#include "mariadb/rows.hpp"
#include "unity/core/base/result.hpp"
#include "unity/db/server_config.hpp"

namespace unity::db::mariadb {

class Connection {
 public:
  // UTC, UTF-8, strict, READ COMMITTED; what is outside of a transaction is one by itself.
  static Result<Connection> open(const ServerConfig& config);

  // One statement without parameters and without rows. `doing` completes "cannot … unity on
  // nas:3306" in the message of a failure.
  Result<void> execute(std::string_view sql, std::string_view doing);
  // One statement, prepared on its first use: `sql` is a constant.
  Result<Rows> query(const char* sql, Parameters parameters, std::string_view doing);
  // The same for each row, in as few round trips as the server's max_allowed_packet allows. Not
  // one transaction by itself.
  Result<void> bulk(const char* sql, BulkRows& rows, std::string_view doing);

  // How long one statement may take from now on, and how long it may wait for a lock; the
  // configuration's statement_timeout until then.
  Result<void> limit_statements(Duration most, Duration lock_wait, std::string_view doing);

  // What the last failure was; code::kNone if there was none since forget_failure().
  unsigned code() const { return code_; }
  void forget_failure() { code_ = 0; }
  // The session has ended: by an error, by the server, or because it was silent for too long.
  bool is_lost() const { return lost_; }
  const std::string& place() const { return place_; }

  // For the pool.
  bool ping();
  bool reset();

 private:
  struct Close {
    void operator()(MYSQL* handle) const { mysql_close(handle); }
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
  };
  using Statement = std::unique_ptr<MYSQL_STMT, Close>;

  Connection(MYSQL* handle, const ServerConfig& config);
  Result<void> establish(const ServerConfig& config);
  Result<void> greet();
  Result<MYSQL_STMT*> prepare(const char* sql, std::string_view doing);
  Result<void> run(MYSQL_STMT* statement, std::vector<MYSQL_BIND>& binds, std::size_t rows,
                   std::string_view doing);
  Result<Rows> fetch(MYSQL_STMT* statement, std::string_view doing);

  // Carries an operation of the library's to its end: `start` and `resume` return what it waits
  // for, 0 when it is over.
  template <class Start, class Resume>
  void complete(Instant deadline, Start start, Resume resume);
  // What has happened of `events`; the library's word for "nothing" once the deadline is past.
  int wait(int events, Instant deadline);
  Instant deadline() const;

  Error fail(std::string_view doing);
  Error fail(MYSQL_STMT* statement, std::string_view doing);
  Error fail(unsigned code, const char* text, std::string_view doing);

  std::unique_ptr<MYSQL, Close> handle_;
  std::map<const char*, Statement> prepared_;  // by address: the texts are constants
  Duration patience_;
  std::size_t packet_max_ = 0;  // of what we send at once
  std::string place_;
  unsigned code_ = 0;
  bool timed_out_ = false;
  bool lost_ = false;
};

}  // namespace unity::db::mariadb
