#include "postgres/devices.hpp"

#include <algorithm>

#include "base/now.hpp"
#include "base/uuid.hpp"

namespace unity::db::postgres {
namespace {

constexpr const char* kFind = "SELECT hostname, device_id FROM devices WHERE hostname = ANY ($1)";
constexpr const char* kAdd =
    "INSERT INTO devices (uid, hostname, created_at, updated_at) "
    "SELECT d.uid, d.hostname, $3, $3 FROM unnest($1, $2) AS d(uid, hostname) ORDER BY d.hostname "
    "ON CONFLICT (hostname) DO NOTHING";

}  // namespace

Result<void> Devices::learn(Connection& connection, std::vector<std::string> hostnames) {
  std::sort(hostnames.begin(), hostnames.end());
  hostnames.erase(std::unique(hostnames.begin(), hostnames.end()), hostnames.end());
  std::erase_if(hostnames, [this](const std::string& hostname) { return knows(hostname); });
  if (hostnames.empty()) return {};
  if (auto found = find(connection, hostnames); !found || hostnames.empty()) return found;
  const auto time = now();
  std::vector<std::string> uids;
  for (std::size_t i = 0; i < hostnames.size(); ++i) uids.push_back(make_uuid(time));
  // In the order of names: hosts that add the same ones at once wait for each other, not in a ring.
  auto added =
      connection.query(kAdd, Parameters(Uuids{uids}, Texts{hostnames}, time), "add devices to");
  if (!added) return std::move(added).error();
  if (auto found = find(connection, hostnames); !found || hostnames.empty()) return found;
  return Error{Errc::unavailable, "another writer has added and removed a device meanwhile"};
}

Result<void> Devices::find(Connection& connection, std::vector<std::string>& hostnames) {
  auto rows = connection.query(kFind, Parameters(Texts{hostnames}), "look up devices in");
  if (!rows) return std::move(rows).error();
  for (int i = 0; i < rows->size(); ++i) {
    ids_.emplace(rows->bytes(i, 0), rows->integer(i, 1));
  }
  std::erase_if(hostnames, [this](const std::string& hostname) { return knows(hostname); });
  return {};
}

}  // namespace unity::db::postgres
