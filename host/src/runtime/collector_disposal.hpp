// Destroys collectors on a thread of its own, because a plugin may hang in that as well.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "unity/core/ports/collector.hpp"

namespace unity::host {

// Used on the control thread only.
class CollectorDisposal {
 public:
  CollectorDisposal();
  ~CollectorDisposal();  // does not wait

  void add(std::string id, std::unique_ptr<Collector> collector);
  // Returns the ids of those not destroyed by `deadline`; then the process must leave by _exit.
  std::vector<std::string> wait(Instant deadline);

 private:
  struct Work;
  std::shared_ptr<Work> work_;  // lives as long as its thread, which may be longer than this
};

}  // namespace unity::host
