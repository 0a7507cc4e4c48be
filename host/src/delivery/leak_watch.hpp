// Tells of each connection that somebody holds for too long, once.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "delivery/delivery.hpp"

namespace unity::host {

class LeakWatch {
 public:
  // A sentence for each that was not told before.
  std::vector<std::string> take_new(const DeliveryState& delivery);

 private:
  std::set<std::pair<std::string, std::uint64_t>> told_;  // storage, lease; those that go on
};

}  // namespace unity::host
