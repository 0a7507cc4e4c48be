// One session with a database from which rows are read, or into which they are written: what an
// adapter offers, and all that exports and imports know of a database.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "transfer/row.hpp"
#include "transfer/tables.hpp"

namespace unity::db::transfer {

enum class Access : std::uint8_t { read, write };

class TransferSession {
 public:
  virtual ~TransferSession() = default;

  virtual std::string place() const = 0;  // the database, for messages

  // All that is read from now on is of one moment, whoever writes meanwhile.
  virtual Result<void> begin_snapshot() = 0;
  virtual Result<std::uint64_t> count(const Selection& selection) = 0;
  // In the order of the key, whose texts compare by their bytes. Row by row: a table may be larger
  // than the memory.
  virtual Result<void> read(const Selection& selection, const TakeRow& take) = 0;

  // Rows that are as old as `first` are to come: where a table is cut into days, these are made
  // while it is empty.
  virtual Result<void> prepare(const TransferTable& table, Time first);
  // All of them or none. Errc::invalid if the table does not take one, as it has its key already.
  virtual Result<void> insert(const TransferTable& table, std::span<const Row> rows) = 0;
  // The ids that the database gives out for the table go on after the highest that is there,
  // which most databases see to by themselves.
  virtual Result<void> continue_ids(const TransferTable& table);
};

inline Result<void> TransferSession::prepare(const TransferTable&, Time) { return {}; }
inline Result<void> TransferSession::continue_ids(const TransferTable&) { return {}; }

}  // namespace unity::db::transfer
