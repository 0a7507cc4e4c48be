// A MariaDB server of a test program's own: made once, on a private socket, gone with it.
#pragma once

#include "support/server_process.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/open.hpp"

namespace unity::test {

class MariadbServer {
 public:
  // The one of this program, running. Throws if the server's programs are missing: its tests are
  // never left out.
  static MariadbServer& shared();

  // A new database with nothing in it, as its owner sees it.
  db::DatabaseConfig make_database();

  // As pulling the plug: nothing is shut down.
  void kill();
  // Waits until it takes connections.
  void start();
  // Stops answering, without ending; and goes on.
  void freeze() { server_.freeze(); }
  void thaw() { server_.thaw(); }

 private:
  MariadbServer();

  TempDir folder_;
  ServerProcess server_;
  int databases_ = 0;
};

}  // namespace unity::test
