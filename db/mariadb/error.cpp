#include "mariadb/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace unity::db::mariadb {
namespace {

struct Range {
  unsigned first;
  unsigned last;
};
constexpr Range only(unsigned code) { return {code, code}; }

template <std::size_t N>
bool contains(const Range (&ranges)[N], unsigned code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [code](Range range) { return code >= range.first && code <= range.last; });
}

// Passes, or is for the operator of the server: nothing is wrong with what we sent.
constexpr Range kUnavailable[] = {
    only(28),      // the system's "no space left on device"
    only(1020),    // the row has changed since it was read
    only(1021),    // the disk is full
    {1026, 1028},  // a file of the server's cannot be written
    only(1030),    // the storage engine has failed; where the disk is full, with 28 in its text
    {1037, 1041},  // out of memory, of sort buffers, of connections
    only(1053),    // is shutting down
    only(1080),    // closes our session
    only(1114),    // the table is full
    {1158, 1161},  // the line between us
    only(1184),    // our session was ended
    only(1203),    // the account has too many connections
    only(1205),    // a lock took too long
    only(1213),    // deadlock
    only(1226),    // the account has used up what it may
    only(1290),    // read-only, as a replica is
    only(1317),    // somebody has stopped the statement
    only(1412),    // the table has changed since the transaction began
    only(1526),    // no partition for a row, though it was made: somebody removes them
    only(1615),    // prepare the statement again
    only(1637),    // too many transactions
    only(1836),    // read-only
    only(1927),    // our session was ended
    only(1969),    // the statement took longer than max_statement_time
};
// The schema or the account does not fit.
constexpr Range kRefused[] = {
    {1044, 1046},              // no right to the database, wrong password, no database
    {1049, 1051}, only(1054),  // no such database; a table is there already, or missing; column
    {1129, 1130},              // the host is blocked, or not welcome
    {1141, 1147},              // rights that are missing, no such table
    only(1227),   only(1251),  // a right that is missing; a login of another age
    only(1356),   only(1370),  // a view that cannot be used; a right
    only(1405),   only(1524),  // a login that is not known
    only(1698),   only(1820),  // access denied; the password has run out
    only(1862),   only(1932),  // so has it; the table is not in the engine
    only(2007),   only(2049),  // the client library: a server, or a login, of another age
    {2058, 2061},              // a login that it has not, or not as configured
    only(4151),                // the account is locked
};
// A value among those that we sent.
constexpr Range kInvalid[] = {
    only(1022),   only(1048),    // duplicate key; NULL
    only(1062),   only(1153),    // duplicate entry; a row beyond max_allowed_packet
    only(1169),   {1216, 1217},  // unique; foreign keys
    {1264, 1265}, only(1292),    // out of range; truncated; incorrect
    only(1366),   only(1406),    // incorrect; too long
    {1451, 1452}, only(1690),    // foreign keys; out of range
    only(4025),                  // CHECK
};

std::string_view advice(unsigned code) {
  switch (code) {
    case 1040:
    case 1203:
      return "raise max_connections, or lower database.pool_size";
    case 1044:
    case 1142:
    case 1143:
    case 1227:
    case 1370:
      return "grant the host's user what it needs: GRANT ALL ON <database>.* TO <user>";
    case 1045:
    case 1698:
      return "correct database.username or database.password";
    case 1049:
      return "create it with CREATE DATABASE, or correct database.database";
    case 1054:
    case 1146:
      return "the tables are not those that unity made: look at `unity db current`";
    case 1129:
      return "run `mariadb-admin flush-hosts` on the server";
    case 1130:
      return "the server has no user for this host: create it as 'name'@'%'";
    case 1153:
      return "raise max_allowed_packet on the server";
    case 2026:
      return "look at the server's certificate, and at database.sslmode";
    case 1290:
    case 1836:
      return "the server is read-only: name the primary";
    default:
      return {};
  }
}

// The library tells the system's reason as a number at the end: "… 'nas' (111)".
std::string with_reason(std::string_view text) {
  const auto open = text.rfind('(');
  if (open == text.npos || !text.ends_with(')')) return std::string(text);
  const auto digits = text.substr(open + 1, text.size() - open - 2);
  int reason = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), reason);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::string(text);
  return fmt::format("{}({})", text.substr(0, open), std::strerror(reason));
}

}  // namespace

bool is_of_client(unsigned code) {
  return (code >= 2000 && code < 3000) || (code >= 5000 && code < 6000);
}

bool ends_session(unsigned code) {
  constexpr Range kLast[] = {only(1053), only(1080), {1152, 1161}, only(1184), only(1927)};
  return is_of_client(code) || contains(kLast, code);
}

Errc classify(unsigned code) {
  if (contains(kUnavailable, code)) return Errc::unavailable;
  if (contains(kRefused, code)) return Errc::refused;
  if (contains(kInvalid, code)) return Errc::invalid;
  // The line, the name, the handshake: all that keeps a client from its server.
  constexpr Range kNoServer[] = {{2001, 2006}, {2012, 2013}, only(2026), only(2055)};
  if (contains(kNoServer, code)) return Errc::unavailable;
  return Errc::internal;
}

Error server_error(unsigned code, std::string_view text, std::string_view doing,
                   std::string_view place) {
  auto message = fmt::format("cannot {} {}: {} (error {})", doing, place,
                             is_of_client(code) ? with_reason(text) : std::string(text), code);
  if (const auto what = advice(code); !what.empty()) message += fmt::format("; {}", what);
  return {classify(code), std::move(message)};
}

}  // namespace unity::db::mariadb
