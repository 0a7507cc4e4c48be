#include "unity/core/engine/recycle.hpp"

#include <algorithm>

namespace unity {
namespace {

// At some 2 kB each, a thread keeps about a megabyte.
constexpr std::size_t kKeptMax = 512;
constexpr std::size_t kFieldsMax = 64;

std::vector<Record>& kept() {
  thread_local std::vector<Record> records;
  return records;
}

bool is_small(const Record& record) {
  return record.fields.size() <= kFieldsMax && record.tags.size() <= kFieldsMax &&
         std::none_of(record.fields.begin(), record.fields.end(), [](const Field& field) {
           const auto* text = std::get_if<std::string>(&field.value);
           return text != nullptr && text->capacity() > 256;
         });
}

}  // namespace

void recycle(std::vector<Record>&& records) {
  for (auto& record : records) recycle(std::move(record));
  records.clear();
}

void recycle(Record&& record) {
  auto& pool = kept();
  if (pool.size() == kKeptMax || !is_small(record)) return;
  record.origin.reset();
  record.host_made = false;
  record.is_row = false;
  record.sequence = 0;
  pool.push_back(std::move(record));
}

void append_recycled(std::vector<Record>& records) {
  auto& pool = kept();
  if (pool.empty()) {
    records.emplace_back();
  } else {
    records.push_back(std::move(pool.back()));
    pool.pop_back();
  }
}

}  // namespace unity
