// A PostgreSQL server of a test program's own: made once, on a private socket, gone with it.
#pragma once

#include <string>

#include "support/temp_dir.hpp"
#include "unity/db/open.hpp"

namespace unity::test {

class PostgresServer {
 public:
  // The one of this program, running. Throws if the server's programs are missing: its tests are
  // never left out.
  static PostgresServer& shared();
  ~PostgresServer();

  // A new database with nothing in it, as its owner sees it.
  db::DatabaseConfig make_database();

  // As pulling the plug: nothing is shut down.
  void kill();
  // Waits until it takes connections.
  void start();
  // Stops answering, without ending; and goes on.
  void freeze();
  void thaw();

 private:
  PostgresServer();
  void run(const std::string& what, const std::string& program, const std::string& arguments);
  pid_t spawn(const std::string& command);

  TempDir folder_;
  pid_t server_ = 0;
  int databases_ = 0;
};

}  // namespace unity::test
