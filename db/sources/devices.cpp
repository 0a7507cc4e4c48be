#include "sources/devices.hpp"

#include <algorithm>

#include "base/now.hpp"
#include "base/uuid.hpp"

namespace unity::db {

Result<void> Devices::learn(DeviceTable& table, std::vector<std::string> hostnames) {
  std::sort(hostnames.begin(), hostnames.end());
  hostnames.erase(std::unique(hostnames.begin(), hostnames.end()), hostnames.end());
  std::erase_if(hostnames, [this](const std::string& hostname) { return knows(hostname); });
  if (hostnames.empty()) return {};
  if (auto found = find(table, hostnames); !found || hostnames.empty()) return found;
  // In the order of names: hosts that add the same ones at once wait for each other, not in a ring.
  const auto time = now();
  std::vector<NewDevice> added;
  for (const auto& hostname : hostnames) added.push_back({make_uuid(time), hostname});
  if (auto done = table.add_devices(added, time); !done) return done;
  if (auto found = find(table, hostnames); !found || hostnames.empty()) return found;
  return Error{Errc::unavailable, "another writer has added and removed a device meanwhile"};
}

Result<void> Devices::find(DeviceTable& table, std::vector<std::string>& hostnames) {
  if (auto found = table.find_devices(hostnames, ids_); !found) return found;
  std::erase_if(hostnames, [this](const std::string& hostname) { return knows(hostname); });
  return {};
}

}  // namespace unity::db
