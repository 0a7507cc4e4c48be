// The binary form of an entry's payload. Records of one run mostly share their shape (metric,
// names, units, kinds, tag keys), so a shape is written once and only values follow.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "spool/bytes.hpp"
#include "unity/core/model/record.hpp"

namespace unity::db::spool {

inline constexpr std::uint8_t kCodec = 1;
// Shapes and origins that one entry refers back to; older ones are written again.
inline constexpr std::size_t kTableSize = 64;
// Follows a checkpoint that is not empty. A payload without one ends in the zero that is its size,
// so the last byte tells whether there is one, and nothing needs to be decoded to see that.
inline constexpr char kCheckpointMark = 1;

inline bool has_checkpoint(std::string_view payload) { return payload.ends_with(kCheckpointMark); }

// What a payload begins with.
struct EntryHead {
  std::uint64_t run = 0;
  Time first_time{};
  Time last_time{};
  std::uint32_t records = 0;
  std::uint32_t emitted = 0;
  std::string_view instance;  // into the payload
};

// Reads one payload after the other, which may be any bytes: what is not an entry fails.
class EntryDecoder {
 public:
  // False if this is no entry. `payload` must outlive the reading.
  bool begin(std::string_view payload, EntryHead& head);

  // The next record, into one that may have been used before; as often as the head has records.
  bool next(Record& into);

  // After the last record: the checkpoint, if everything was as it must be.
  bool finish(std::string_view& checkpoint);

 private:
  struct Shape {
    Name metric;
    std::vector<Name> tag_keys;
    std::vector<Field> fields;  // without values
  };

  bool read_shape();
  bool read_origin();
  bool read_value(FieldValue& into);

  ByteReader in_{{}};
  std::int64_t time_ = 0;
  std::size_t shapes_made_ = 0;
  std::size_t origins_made_ = 0;
  const Shape* shape_ = nullptr;
  std::shared_ptr<const Origin> origin_;
  std::array<Shape, kTableSize> shapes_;
  // Kept from payload to payload: the same origins come again and again.
  std::array<std::shared_ptr<const Origin>, kTableSize> origins_;
};

}  // namespace unity::db::spool
