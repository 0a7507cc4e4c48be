// A PostgreSQL server of a test program's own: made once, on a private socket, gone with it.
#pragma once

#include <string>

#include "support/server_process.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/open.hpp"

namespace unity::test {

class PostgresServer {
 public:
  // The one of this program, running. Throws if the server's programs are missing: its tests are
  // never left out.
  static PostgresServer& shared();

  // Where the programs of a server with TimescaleDB are, /usr/lib/postgresql/15/bin, as the
  // environment variable UNITY_TEST_TIMESCALEDB says; empty: its tests are not for this machine.
  static std::string timescale_programs();
  // A server of those. Its databases have the extension.
  static PostgresServer& with_timescale();

  // A new database with nothing in it, as its owner sees it.
  db::DatabaseConfig make_database();
  // One without the extension, on whichever server.
  db::DatabaseConfig make_plain_database();

  // As pulling the plug: nothing is shut down.
  void kill();
  // Waits until it takes connections.
  void start();
  // Stops answering, without ending; and goes on.
  void freeze() { server_.freeze(); }
  void thaw() { server_.thaw(); }

 private:
  PostgresServer(std::string programs, const std::string& settings, std::string extension);

  db::DatabaseConfig copy_of(const std::string& original);

  std::string programs_;   // the folder that they are in
  std::string extension_;  // of each database; empty: none
  std::string extended_;   // the database that others with it are copies of
  TempDir folder_;
  ServerProcess server_;
  int databases_ = 0;
};

}  // namespace unity::test
