#include "memory/memory_audit.hpp"

namespace unity::db {
namespace {

template <class Row, class Rows>
std::vector<Row> between(const Rows& rows, Time from, Time to, std::size_t limit) {
  std::vector<Row> found;
  for (auto row = rows.lower_bound({from, {}, {}});
       row != rows.end() && std::get<Time>(row->first) < to && found.size() < limit; ++row) {
    found.push_back(row->second);
  }
  return found;
}

}  // namespace

Result<void> MemoryAudit::write(std::span<const CollectionAudit> rows) {
  for (const auto& row : rows) {
    collections_.try_emplace({row.time, row.device, row.operation_id}, row);
  }
  return {};
}

Result<void> MemoryAudit::write(std::span<const ServicePerformance> rows) {
  for (const auto& row : rows) {
    performance_.try_emplace({row.time, row.instance_id, row.service_name}, row);
  }
  return {};
}

Result<std::vector<CollectionAudit>> MemoryAudit::collections(Time from, Time to,
                                                              std::size_t limit) {
  return between<CollectionAudit>(collections_, from, to, limit);
}

Result<std::vector<ServicePerformance>> MemoryAudit::performance(Time from, Time to,
                                                                 std::size_t limit) {
  return between<ServicePerformance>(performance_, from, to, limit);
}

}  // namespace unity::db
