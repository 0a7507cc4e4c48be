// The host's audit, in memory.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "unity/core/ports/audit.hpp"

namespace unity::db {

class MemoryAudit : public Audit {
 public:
  Result<void> write(std::span<const CollectionAudit> rows) override;
  Result<void> write(std::span<const ServicePerformance> rows) override;
  Result<std::vector<CollectionAudit>> collections(Time from, Time to, std::size_t limit) override;
  Result<std::vector<ServicePerformance>> performance(Time from, Time to,
                                                      std::size_t limit) override;

 private:
  // By time and the rest of the key.
  template <class Row>
  using Rows = std::map<std::tuple<Time, std::string, std::string>, Row>;

  Rows<CollectionAudit> collections_;
  Rows<ServicePerformance> performance_;
};

}  // namespace unity::db
