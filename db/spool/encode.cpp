#include <fmt/format.h>

#include <algorithm>

#include "spool/codec.hpp"
#include "spool/format.hpp"
#include "unity/db/spool.hpp"

namespace unity::db {
namespace {

using namespace spool;

bool same_shape(const Record& a, const Record& b) {
  if (a.metric != b.metric || a.fields.size() != b.fields.size() || a.tags.size() != b.tags.size())
    return false;
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    const auto& one = a.fields[i];
    const auto& other = b.fields[i];
    if (one.kind != other.kind || one.name != other.name || one.unit != other.unit) return false;
  }
  return std::equal(a.tags.begin(), a.tags.end(), b.tags.begin(),
                    [](const auto& x, const auto& y) { return x.first == y.first; });
}

// Refers to what was written before, or to nothing. Each entry begins with empty tables.
template <class T, class Same>
class Table {
 public:
  // 0: it is new, now remembered, and must be written. Else its place counted from 1.
  std::uint64_t find(const T* what) {
    const auto filled = std::min(made_, kTableSize);
    if (filled > 0 && Same{}(*entries_[last_], *what)) return last_ + 1;
    for (std::size_t i = 0; i < filled; ++i) {
      if (Same{}(*entries_[i], *what)) return (last_ = i) + 1;
    }
    last_ = made_++ % kTableSize;
    entries_[last_] = what;
    return 0;
  }

 private:
  std::array<const T*, kTableSize> entries_{};
  std::size_t made_ = 0;
  std::size_t last_ = 0;
};

struct SameShape {
  bool operator()(const Record& a, const Record& b) const { return same_shape(a, b); }
};
struct SameOrigin {
  bool operator()(const Origin& a, const Origin& b) const { return &a == &b || a == b; }
};

class Encoder {
 public:
  Encoder(const SpoolEntry& entry) : entry_(entry) { begin(); }

  Result<std::vector<EncodedEntry>> encode() {
    if (entry_.checkpoint.size() > kCheckpointMax) {
      return Error{Errc::invalid, fmt::format("cannot spool a checkpoint of {} bytes; at most {}",
                                              entry_.checkpoint.size(), kCheckpointMax)};
    }
    for (const auto& record : entry_.records) {
      const auto before = part_.payload.size();
      add(record);
      if (part_.payload.size() <= kBodyMax) {
        count(record);
        continue;
      }
      if (part_.records == 0) return too_large(record);
      part_.payload.resize(before);
      finish({});
      begin();
      add(record);
      if (part_.payload.size() > kBodyMax) return too_large(record);
      count(record);
    }
    finish(entry_.checkpoint);
    return std::move(done_);
  }

 private:
  static constexpr std::size_t kCheckpointMax = kSpoolEntrySizeMax / 4;
  static constexpr std::size_t kBodyMax = kSpoolEntrySizeMax - kCheckpointMax - 16;

  void begin() {
    part_ = {};
    part_.run = entry_.run;
    part_.instance = entry_.instance;
    part_.payload.reserve(256 + std::min(entry_.records.size() * 64, kBodyMax));
    part_.payload.resize(kHeadFixed);
    put_text(part_.payload, entry_.instance);
    shapes_ = {};
    origins_ = {};
    time_ = 0;
    origin_ = nullptr;
  }

  void count(const Record& record) {
    part_.first_time = part_.records == 0 ? record.time : std::min(part_.first_time, record.time);
    part_.last_time = part_.records == 0 ? record.time : std::max(part_.last_time, record.time);
    ++part_.records;
    if (!record.host_made) ++part_.emitted;
  }

  void finish(std::string_view checkpoint) {
    put_varint(part_.payload, checkpoint.empty() ? 0 : checkpoint.size() + 1);
    if (!checkpoint.empty()) part_.payload.append(checkpoint).push_back(kCheckpointMark);
    char* head = part_.payload.data();
    put(head, part_.run);
    put(head + 8, part_.first_time.time_since_epoch().count());
    put(head + 16, part_.last_time.time_since_epoch().count());
    put(head + 24, part_.records);
    put(head + 28, part_.emitted);
    done_.push_back(std::move(part_));
  }

  static Error too_large(const Record& record) {
    return {Errc::invalid,
            fmt::format("cannot spool a record of metric {}: it is larger than {} bytes",
                        record.metric.text().substr(0, 100), kBodyMax)};
  }

  void add(const Record& record) {
    auto& out = part_.payload;
    const auto shape = shapes_.find(&record);
    put_varint(out, shape);
    if (shape == 0) add_shape(record);
    const bool same_origin = record.origin.get() == origin_ && part_.records > 0;
    out += static_cast<char>((record.host_made ? kHostMade : 0) |
                             (record.summary.empty() ? 0 : kHasSummary) |
                             (same_origin ? kSameOrigin : 0) | (record.is_row ? kIsRow : 0) |
                             (record.sequence != 0 ? kHasSequence : 0));
    if (record.sequence != 0) put_varint(out, record.sequence);
    const auto time = record.time.time_since_epoch().count();
    // Unsigned: the distance of two far moments may not fit, and must still come back.
    put_varint(out, zigzag(static_cast<std::int64_t>(static_cast<std::uint64_t>(time) -
                                                     static_cast<std::uint64_t>(time_))));
    time_ = time;
    if (!same_origin) add_origin(record.origin.get());
    for (const auto& tag : record.tags) put_text(out, tag.second);
    for (const auto& field : record.fields) add_value(field.value);
    if (!record.summary.empty()) put_text(out, record.summary);
  }

  void add_shape(const Record& record) {
    auto& out = part_.payload;
    put_text(out, record.metric);
    put_varint(out, record.tags.size());
    for (const auto& tag : record.tags) put_text(out, tag.first);
    put_varint(out, record.fields.size());
    for (const auto& field : record.fields) {
      put_text(out, field.name);
      out += static_cast<char>(field.kind);
      put_text(out, field.unit);
    }
  }

  void add_origin(const Origin* origin) {
    auto& out = part_.payload;
    origin_ = origin;
    if (origin == nullptr) {
      put_varint(out, 0);
      return;
    }
    const auto place = origins_.find(origin);
    put_varint(out, place + 1);
    if (place != 0) return;
    put_text(out, origin->device);
    put_text(out, origin->plugin);
    put_text(out, origin->instance);
  }

  void add_value(const FieldValue& value) {
    auto& out = part_.payload;
    if (const auto* real = std::get_if<double>(&value)) {
      char bytes[9];
      bytes[0] = static_cast<char>(ValueType::real);
      put(bytes + 1, *real);
      out.append(bytes, sizeof bytes);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      out += static_cast<char>(ValueType::integer);
      put_varint(out, zigzag(*integer));
    } else if (const auto* positive = std::get_if<std::uint64_t>(&value)) {
      out += static_cast<char>(ValueType::positive);
      put_varint(out, *positive);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      out += static_cast<char>(*flag ? ValueType::yes : ValueType::no);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      out += static_cast<char>(ValueType::text);
      put_text(out, *text);
    } else {
      out += static_cast<char>(ValueType::absent);
    }
  }

  const SpoolEntry& entry_;
  std::vector<EncodedEntry> done_;
  EncodedEntry part_;
  Table<Record, SameShape> shapes_;
  Table<Origin, SameOrigin> origins_;
  std::int64_t time_ = 0;
  const Origin* origin_ = nullptr;
};

}  // namespace

Result<std::vector<EncodedEntry>> encode_entry(const SpoolEntry& entry) {
  return Encoder(entry).encode();
}

}  // namespace unity::db
