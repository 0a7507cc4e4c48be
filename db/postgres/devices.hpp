// The ids of devices by hostname.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.hpp"

namespace unity::db::postgres {

class Devices {
 public:
  bool knows(std::string_view hostname) const { return ids_.contains(hostname); }
  // Of one that is known.
  std::int64_t id(std::string_view hostname) const { return ids_.find(hostname)->second; }
  std::size_t size() const { return ids_.size(); }
  void clear() { ids_.clear(); }

  // Inside a transaction: makes all of `hostnames` known, and adds those that the database does not
  // have. At most three round trips, whatever their number.
  Result<void> learn(Connection& connection, std::vector<std::string> hostnames);

 private:
  // Takes those that the database has out of `hostnames`.
  Result<void> find(Connection& connection, std::vector<std::string>& hostnames);

  std::map<std::string, std::int64_t, std::less<>> ids_;
};

}  // namespace unity::db::postgres
