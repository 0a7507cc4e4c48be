// Gathers rows for a session, which takes many at a time.
#pragma once

#include <vector>

#include "transfer/transfer_session.hpp"

namespace unity::db::transfer {

class BatchWriter {
 public:
  BatchWriter(TransferSession& session, const TransferTable& table)
      : session_(session), table_(table) {}

  Result<void> add(const Row& row);
  // What is left.
  Result<void> flush();

 private:
  TransferSession& session_;
  const TransferTable& table_;
  std::vector<Row> rows_;  // the first count_ of them; the others are kept for their memory
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace unity::db::transfer
