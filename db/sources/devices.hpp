// The ids of devices by hostname.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"

namespace unity::db {

using DeviceIds = std::map<std::string, std::int64_t, std::less<>>;

// A device that the database does not have.
struct NewDevice {
  std::string uid;  // 16 bytes
  std::string hostname;
};

// The table `devices` of a server, inside a transaction. One round trip each.
class DeviceTable {
 public:
  virtual ~DeviceTable() = default;
  // Adds to `ids` what the database has.
  virtual Result<void> find_devices(const std::vector<std::string>& hostnames, DeviceIds& ids) = 0;
  // In the order given. Those that another writer has added meanwhile stay as they are.
  virtual Result<void> add_devices(const std::vector<NewDevice>& devices, Time created_at) = 0;
};

class Devices {
 public:
  bool knows(std::string_view hostname) const { return ids_.contains(hostname); }
  // Of one that is known.
  std::int64_t id(std::string_view hostname) const { return ids_.find(hostname)->second; }
  std::size_t size() const { return ids_.size(); }
  void clear() { ids_.clear(); }

  // Makes all of `hostnames` known, and adds those that the database does not have. At most three
  // round trips, whatever their number.
  Result<void> learn(DeviceTable& table, std::vector<std::string> hostnames);

 private:
  // Takes those that the database has out of `hostnames`.
  Result<void> find(DeviceTable& table, std::vector<std::string>& hostnames);

  DeviceIds ids_;
};

}  // namespace unity::db
