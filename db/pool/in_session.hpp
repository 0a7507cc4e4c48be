// Does something in a session of a pool; once more in a new one if the session has ended meanwhile.
#pragma once

#include "pool/pool.hpp"

namespace unity::db {

// `attempt` takes a Conn& and returns a Result; repeating it must be harmless. A Conn has also
//   bool is_lost() const;  the session has ended
template <class Conn, class Attempt>
auto in_session(Pool<Conn>& pool, const char* holder, Attempt attempt,
                std::source_location site = std::source_location::current())
    -> decltype(attempt(std::declval<Conn&>())) {
  bool lost = false;
  const auto once = [&]() -> decltype(attempt(std::declval<Conn&>())) {
    auto connection = pool.take(holder, site);
    if (!connection) return std::move(connection).error();
    auto done = attempt(**connection);
    lost = (*connection)->is_lost();
    return done;
  };
  auto done = once();
  if (done || !lost) return done;
  // The server has gone, and with it every session. It may be back already, as after a restart.
  pool.drop_idle();
  return once();
}

}  // namespace unity::db
