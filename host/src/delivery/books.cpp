#include "delivery/books.hpp"

namespace unity::host {

std::vector<InSpool> in_spool(const db::SpoolState& spool) {
  std::vector<InSpool> all;
  for (const auto& consumer : spool.consumers) {
    InSpool one;
    one.waiting = consumer.waiting.emitted;
    for (const auto& loss : consumer.losses) one.lost[loss.reason] += loss.emitted;
    all.push_back(std::move(one));
  }
  return all;
}

void report(Ledger& ledger, const db::SpoolState& spool) {
  auto reports = in_spool(spool);
  for (std::size_t storage = 0; storage < reports.size(); ++storage) {
    ledger.report(storage, std::move(reports[storage]), spool.end.emitted);
  }
}

}  // namespace unity::host
