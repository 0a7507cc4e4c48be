#include <algorithm>
#include <functional>

#include "spool/codec.hpp"
#include "spool/format.hpp"

namespace unity::db::spool {
namespace {

bool has_keys(const Tags& tags, const std::vector<Name>& keys) {
  return tags.size() == keys.size() &&
         std::equal(tags.begin(), tags.end(), keys.begin(),
                    [](const auto& tag, const auto& key) { return tag.first == key; });
}

}  // namespace

bool EntryDecoder::begin(std::string_view payload, EntryHead& head) {
  in_ = ByteReader(payload);
  time_ = 0;
  shapes_made_ = 0;
  origins_made_ = 0;
  origin_ = nullptr;
  head.run = in_.fixed<std::uint64_t>();
  head.first_time = Time(std::chrono::microseconds(in_.fixed<std::int64_t>()));
  head.last_time = Time(std::chrono::microseconds(in_.fixed<std::int64_t>()));
  head.records = in_.fixed<std::uint32_t>();
  head.emitted = in_.fixed<std::uint32_t>();
  head.instance = in_.text();
  // A record takes at least three bytes: no flood of records from a few bytes.
  return !in_.failed() && head.emitted <= head.records && head.records <= in_.left();
}

bool EntryDecoder::next(Record& into) {
  const auto shape = in_.varint();
  if (shape == 0) {
    if (!read_shape()) return false;
  } else {
    if (shape > std::min(shapes_made_, kTableSize)) return false;
    shape_ = &shapes_[shape - 1];
  }
  const auto flags = in_.byte();
  if ((flags & ~(kHostMade | kHasSummary | kSameOrigin | kIsRow | kHasSequence)) != 0) return false;
  into.sequence = (flags & kHasSequence) != 0 ? in_.varint() : 0;
  time_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(time_) +
                                    static_cast<std::uint64_t>(unzigzag(in_.varint())));
  if ((flags & kSameOrigin) == 0 && !read_origin()) return false;

  if (into.origin != origin_) into.origin = origin_;
  into.metric = shape_->metric;
  into.time = Time(std::chrono::microseconds(time_));
  into.time_text.clear();
  into.host_made = (flags & kHostMade) != 0;
  into.is_row = (flags & kIsRow) != 0;
  if (!has_keys(into.tags, shape_->tag_keys)) into.tags.set_keys(shape_->tag_keys);
  for (std::size_t i = 0; i < shape_->tag_keys.size(); ++i) into.tags.value_at(i) = in_.text();
  into.fields.resize(shape_->fields.size());
  for (std::size_t i = 0; i < into.fields.size(); ++i) {
    const auto& named = shape_->fields[i];
    auto& field = into.fields[i];
    if (field.name != named.name) field.name = named.name;
    if (field.unit != named.unit) field.unit = named.unit;
    field.kind = named.kind;
    if (!read_value(field.value)) return false;
  }
  into.summary = (flags & kHasSummary) != 0 ? in_.text() : std::string_view();
  return !in_.failed();
}

bool EntryDecoder::finish(std::string_view& checkpoint) {
  checkpoint = in_.text();
  if (in_.failed() || in_.left() != 0) return false;
  if (checkpoint.empty()) return true;
  if (!has_checkpoint(checkpoint)) return false;
  checkpoint.remove_suffix(1);
  return !checkpoint.empty();
}

bool EntryDecoder::read_shape() {
  auto& shape = shapes_[shapes_made_++ % kTableSize];
  shape_ = &shape;
  shape.metric = in_.text();
  const auto tags = in_.varint();
  if (tags > in_.left()) return false;
  shape.tag_keys.resize(tags);
  for (auto& key : shape.tag_keys) key = in_.text();
  const auto in_order = [](const Name& a, const Name& b) { return a.text() < b.text(); };
  const bool strictly = std::adjacent_find(shape.tag_keys.begin(), shape.tag_keys.end(),
                                           std::not_fn(in_order)) == shape.tag_keys.end();
  if (!strictly) return false;  // as every set of tags is
  const auto fields = in_.varint();
  if (fields > in_.left() / 3) return false;  // a name, a kind, a unit
  shape.fields.resize(fields);
  for (auto& field : shape.fields) {
    field.name = in_.text();
    const auto kind = in_.byte();
    if (kind > static_cast<std::uint8_t>(Kind::text)) return false;
    field.kind = static_cast<Kind>(kind);
    field.unit = in_.text();
  }
  return !in_.failed();
}

bool EntryDecoder::read_origin() {
  const auto place = in_.varint();
  if (place == 0) {
    origin_ = nullptr;
    return !in_.failed();
  }
  if (place > 1) {
    if (place - 1 > std::min(origins_made_, kTableSize)) return false;
    origin_ = origins_[place - 2];
    return true;
  }
  auto& slot = origins_[origins_made_++ % kTableSize];
  const auto device = in_.text();
  const auto plugin = in_.text();
  const auto instance = in_.text();
  if (in_.failed()) return false;
  if (!slot || slot->device != device || slot->plugin != plugin || slot->instance != instance) {
    slot = std::make_shared<const Origin>(
        Origin{std::string(device), std::string(plugin), std::string(instance)});
  }
  origin_ = slot;
  return true;
}

bool EntryDecoder::read_value(FieldValue& into) {
  switch (static_cast<ValueType>(in_.byte())) {
    case ValueType::absent:
      into = std::monostate();
      break;
    case ValueType::no:
      into = false;
      break;
    case ValueType::yes:
      into = true;
      break;
    case ValueType::integer:
      into = unzigzag(in_.varint());
      break;
    case ValueType::positive:
      into = in_.varint();
      break;
    case ValueType::real:
      into = in_.fixed<double>();
      break;
    case ValueType::text: {
      const auto text = in_.text();
      if (auto* kept = std::get_if<std::string>(&into)) {
        *kept = text;
      } else {
        into = std::string(text);
      }
      break;
    }
    default:
      return false;
  }
  return !in_.failed();
}

}  // namespace unity::db::spool
