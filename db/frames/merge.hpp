// Puts a record into a frame. Here lives the rule that makes storing idempotent: what is absent is
// filled, what is equal stays, what differs rejects the record and leaves the frame as it was.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "frames/frame.hpp"
#include "frames/source.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

// False if nothing of the record can be stored: every field is null and there is no summary.
bool has_content(const Record& record);

class FrameMerger {
 public:
  // `frame` and `source` change only if nothing is returned. `index` is for the rejection.
  std::optional<Rejection> apply(const Record& record, std::size_t index, Source& source,
                                 Frame& frame);
  // Whether any call since the last take_changed() gave a frame something new.
  bool take_changed() { return std::exchange(changed_, false); }

 private:
  // A field that has a value, as storage sees it.
  struct Item {
    std::string_view field;
    Number number;  // absent: the item is text
    std::string_view text;
    std::string_view unit;
    Kind kind = Kind::gauge;
    std::size_t series = Source::kNone;
  };

  bool repeat(const Record& record, const Source& source, Frame& frame);
  void read_items(const Record& record);
  std::optional<std::string> find_invalid(const Record& record, const Source& source);
  std::optional<std::string> find_conflict(const Record& record, const Source& source,
                                           const Frame& frame) const;
  void fill(const Record& record, Source& source, Frame& frame);

  std::vector<Item> items_;  // of the record at hand; members only to keep their memory
  std::vector<std::string_view> names_;
  std::vector<Number> numbers_;
  // Where in a source the next item may be: its frames say the same things in the same order.
  std::size_t hint_ = 0;
  bool changed_ = false;
};

}  // namespace unity::db
