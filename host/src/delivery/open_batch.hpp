// A batch on its way into one database: what of it is still to be written, which of its records are
// bad, and what the ledger is told of it in the end. Touches no file and no database.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "unity/core/engine/ledger.hpp"
#include "unity/core/ports/storage.hpp"
#include "unity/db/dead_letters.hpp"
#include "unity/db/spool.hpp"

namespace unity::host {

class OpenBatch {
 public:
  explicit OpenBatch(const std::string& storage) : storage_(storage) {}

  // The memory of the batch before, to be filled anew; then begin().
  db::SpoolBatch& records() { return batch_; }
  void begin();
  void close() { open_ = false; }
  bool is_open() const { return open_; }

  bool is_written() const { return parts_.empty(); }  // stored or found bad, all of it
  // If not: what to write next, and what came of that.
  std::span<const Record> next() const;
  void wrote(const std::vector<Rejection>& but);
  void split();                            // some record in it is bad: each half by itself
  void reject(const std::string& detail);  // the one record in it is bad

  // Of bad records, to be kept before the batch is settled.
  std::vector<db::DeadLetter>& letters() { return letters_; }

  // Books the records of the batch for the storage with this index. Those before `backlog_end` lay
  // in the spool when the host started.
  void book(Ledger& ledger, std::size_t storage, std::uint64_t backlog_end) const;

 private:
  // [from, to), by index into the batch.
  struct Part {
    std::size_t from;
    std::size_t to;
  };

  Part take();
  void reject(std::size_t index, std::string reason, std::string detail);
  void keep(std::size_t index, std::string reason, std::string detail);

  const std::string storage_;
  bool open_ = false;
  db::SpoolBatch batch_;
  std::vector<Part> parts_;     // still to be written; the last comes next
  std::vector<bool> rejected_;  // by index into the batch
  std::vector<db::DeadLetter> letters_;
};

}  // namespace unity::host
