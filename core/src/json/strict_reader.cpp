#include "strict_reader.hpp"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>

#include "number.hpp"
#include "unity/core/base/text.hpp"

namespace unity::json {
namespace {

using rapidjson::SizeType;
using Stream = rapidjson::MemoryStream;

constexpr const char* kNoObject = "a record must be a JSON object";

// Turns RapidJSON's events into one Record after the other. `depth_` counts open objects within
// a record: 1 is the record itself, 2 its tags or values. The parser reports a bracket before it
// moves past it, and a scalar after.
class RecordHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, RecordHandler> {
 public:
  RecordHandler(std::string_view text, Stream& stream, bool in_array, ReadRecords& out)
      : text_(text), stream_(stream), in_array_(in_array), out_(out) {}

  bool StartArray() {
    if (in_array_ && !array_open_ && depth_ == 0) {
      array_open_ = true;
      rest_ = stream_.Tell() + 1;
      return true;
    }
    return nested("a list");
  }
  bool EndArray(SizeType) {
    if (skip_ > 0) {
      --skip_;
      if (skip_ == 0 && depth_ == 0) refuse(stream_.Tell() + 1);
    } else {
      rest_ = stream_.Tell() + 1;
    }
    return true;
  }
  bool StartObject() {
    if (depth_ == 0 && skip_ == 0) {
      begin();
      return true;
    }
    if (skip_ == 0 && depth_ == 1 && (member_ == "tags" || member_ == "values")) {
      depth_ = 2;
      return true;
    }
    return nested("an object");
  }
  bool EndObject(SizeType) {
    if (skip_ > 0) {
      --skip_;
    } else if (--depth_ == 0) {
      end();
      return !in_array_ || !out_.full();
    }
    return true;
  }
  bool Key(const char* text, SizeType length, bool) {
    if (skip_ > 0) return true;
    const std::string_view name(text, length);
    check_text(name);
    if (depth_ == 2) {
      name_ = name;
      return true;
    }
    member_ = name;
    if (name != "metric" && name != "time" && name != "tags" && name != "value" &&
        name != "values" && name != "summary") {
      complain(fmt::format("unknown member \"{}\"", name));
    }
    return true;
  }

  bool Null() { return scalar(FieldValue()); }
  bool Bool(bool value) { return scalar(FieldValue(value)); }
  bool RawNumber(const char* text, SizeType length, bool) {
    if (read_number({text, length}, [&](auto value) { return scalar(FieldValue(value)); })) {
      return true;
    }
    if (depth_ > 0) complain("a number is too large");
    return depth_ > 0;
  }
  bool String(const char* text, SizeType length, bool) {
    if (depth_ > 0 && skip_ == 0) check_text({text, length});
    return scalar(FieldValue(std::string(text, length)));
  }

  // Where that begins which has become neither a record nor unreadable: the record being read
  // when the parser gave up, or what follows the last one.
  std::size_t unfinished_from() const {
    return depth_ > 0 || skip_ > 0 ? begin_ : past_separators(rest_);
  }

 private:
  void begin() {
    depth_ = 1;
    begin_ = stream_.Tell();
    record_ = {};
    problem_.clear();
    member_.clear();
    seen_values_ = false;
  }

  void end() {
    if (record_.metric.empty()) complain("\"metric\" is missing or empty");
    if (!seen_values_) complain("neither \"value\" nor \"values\" is given");
    if (const auto* twin = repeated_field()) {
      complain(fmt::format("field \"{}\" appears twice", *twin));
    }
    const auto size = stream_.Tell() + 1 - begin_;
    if (size > kRecordSizeMax) {
      complain(fmt::format("the record has {} bytes, more than {}", size, kRecordSizeMax));
    }
    if (problem_.empty()) {
      out_.records.push_back(std::move(record_));
      out_.texts.push_back(text_.substr(begin_, size));
      rest_ = begin_ + size;
    } else {
      refuse(begin_ + size);
    }
  }

  // What stands from `begin_` to `end` is unreadable.
  void refuse(std::size_t end) {
    out_.unreadable.push_back(
        {std::move(problem_), std::string(text_.substr(begin_, end - begin_))});
    rest_ = end;
  }

  std::size_t past_separators(std::size_t from) const {
    return std::min(text_.find_first_not_of(" \t\r\n,", from), text_.size());
  }

  const std::string* repeated_field() {
    names_.clear();
    for (const auto& field : record_.fields) names_.push_back(&field.name.text());
    std::sort(names_.begin(), names_.end(), [](auto* a, auto* b) { return *a < *b; });
    const auto twin =
        std::adjacent_find(names_.begin(), names_.end(), [](auto* a, auto* b) { return *a == *b; });
    return twin != names_.end() ? *twin : nullptr;
  }

  // Only the first complaint is kept: the others often follow from it.
  void complain(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
  }

  // The parser takes the second half of a surrogate pair without the first.
  void check_text(std::string_view text) {
    if (!is_utf8(text)) complain("an escape is half of a surrogate pair");
  }

  bool nested(std::string_view what) {
    if (depth_ == 0 && !array_open_) return false;  // not an object where a record should be
    if (skip_++ > 0) return true;
    if (depth_ == 0) {
      begin_ = stream_.Tell();
      problem_ = kNoObject;
    } else {
      complain(fmt::format("\"{}\" is {}, not a number, text, boolean or null",
                           depth_ == 2 ? name_ : member_, what));
    }
    return true;
  }

  bool scalar(FieldValue value) {
    if (skip_ > 0) return true;
    if (depth_ == 0) {
      if (!array_open_) return false;
      begin_ = past_separators(rest_);
      problem_ = kNoObject;
      refuse(stream_.Tell());
      return true;
    }
    if (depth_ == 2) {
      if (member_ == "tags") return tag(std::move(value));
      record_.fields.push_back({name_, std::move(value), Kind::gauge, {}});
      seen_values_ = true;
    } else if (member_ == "value") {
      record_.fields.push_back({std::string(kNumericValue), std::move(value), Kind::gauge, {}});
      seen_values_ = true;
    } else if (member_ == "time") {
      time(value);
    } else if (member_ == "metric" || member_ == "summary") {
      if (auto* text = std::get_if<std::string>(&value)) {
        if (member_ == "metric") {
          record_.metric = *text;
        } else {
          record_.summary = std::move(*text);
        }
      } else {
        complain(fmt::format("\"{}\" is not text", member_));
      }
    } else {
      complain(fmt::format("\"{}\" is not an object", member_));
    }
    return true;
  }

  bool tag(FieldValue value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      record_.tags.set(name_, *text);
    } else {
      complain(fmt::format("tag \"{}\" is not text", name_));
    }
    return true;
  }

  void time(const FieldValue& value) {
    if (const auto* text = std::get_if<std::string>(&value); text != nullptr && !text->empty()) {
      record_.time_text = *text;
    } else if (const auto* nanos = std::get_if<std::int64_t>(&value)) {
      record_.time_text = std::to_string(*nanos);
    } else {
      complain("\"time\" is neither RFC 3339 text nor whole nanoseconds");
    }
  }

  std::string_view text_;
  Stream& stream_;
  bool in_array_;
  bool array_open_ = false;
  ReadRecords& out_;

  Record record_;
  std::string problem_;
  std::string member_;     // the record's member being read
  std::string name_;       // the tag or field being read
  std::size_t begin_ = 0;  // of the record, or of what stands in its place
  std::size_t rest_ = 0;   // just past the last of them
  int depth_ = 0;
  int skip_ = 0;  // open containers within a value that is not wanted
  bool seen_values_ = false;
  std::vector<const std::string*> names_;
};

}  // namespace

void read_strictly(std::string_view text, bool in_array, ReadRecords& out) {
  rapidjson::Reader reader;
  Stream stream(text.data(), text.size());
  RecordHandler handler(text, stream, in_array, out);

  constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag;
  const auto result = reader.Parse<flags>(stream, handler);
  // The parser takes a zero byte for the end.
  if (result && stream.Tell() == text.size()) return;
  const auto at = result ? stream.Tell() : result.Offset();
  const char* why = "a zero byte";
  if (!result) {
    why = result.Code() != rapidjson::kParseErrorTermination
              ? rapidjson::GetParseError_En(result.Code())
          : out.full() ? kTooManyRecords
                       : kNoObject;
  }
  out.unreadable.push_back({fmt::format("not a record at byte {}: {}", at, why),
                            std::string(text.substr(handler.unfinished_from()))});
}

}  // namespace unity::json
