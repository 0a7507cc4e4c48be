#include "transfer/batch_writer.hpp"

namespace unity::db::transfer {
namespace {

constexpr std::size_t kRowsMax = 5000;
constexpr std::size_t kBytesMax = std::size_t{4} << 20;

std::size_t size_of(const Row& row) {
  std::size_t bytes = row.size() * sizeof(Cell);
  for (const auto& cell : row) {
    if (const auto* text = std::get_if<std::string>(&cell)) bytes += text->size();
    if (const auto* numbers = std::get_if<Numbers>(&cell))
      bytes += numbers->size() * sizeof(Number);
  }
  return bytes;
}

}  // namespace

Result<void> BatchWriter::add(const Row& row) {
  if (count_ == rows_.size()) rows_.emplace_back();
  rows_[count_++] = row;
  bytes_ += size_of(row);
  return count_ >= kRowsMax || bytes_ >= kBytesMax ? flush() : Result<void>();
}

Result<void> BatchWriter::flush() {
  if (count_ == 0) return {};
  auto done = session_.insert(table_, std::span(rows_).first(count_));
  // A large text is not kept for the sake of its memory.
  if (bytes_ >= kBytesMax) rows_.clear();
  count_ = 0;
  bytes_ = 0;
  return done;
}

}  // namespace unity::db::transfer
