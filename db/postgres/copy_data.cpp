#include "postgres/copy_data.hpp"

#include "postgres/wire.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

}  // namespace

void CopyData::clear() {
  bytes_ = kSignature;
  rows_ = 0;
}

void CopyData::begin_row(int columns) {
  if (bytes_.empty()) clear();
  append_big(bytes_, static_cast<std::int16_t>(columns));
  ++rows_;
}

void CopyData::add(std::int64_t value) {
  append_big(bytes_, static_cast<std::int32_t>(sizeof value));
  append_big(bytes_, value);
}

void CopyData::add(std::int32_t value) {
  append_big(bytes_, static_cast<std::int32_t>(sizeof value));
  append_big(bytes_, value);
}

void CopyData::add(std::string_view value) {
  append_big(bytes_, static_cast<std::int32_t>(value.size()));
  bytes_ += value;
}

void CopyData::add(Time value) { add(wire_time(value)); }

void CopyData::add(double value) { add(std::bit_cast<std::int64_t>(value)); }

void CopyData::add(bool value) {
  append_big(bytes_, std::int32_t{1});
  bytes_ += value ? '\1' : '\0';
}

void CopyData::add_json(std::string_view text) {
  begin_value() += '\1';  // the version of the form
  bytes_ += text;
  end_value();
}

void CopyData::add_null() { append_big(bytes_, std::int32_t{-1}); }

std::string& CopyData::begin_value() {
  append_big(bytes_, std::int32_t{0});
  value_at_ = bytes_.size();
  return bytes_;
}

void CopyData::end_value() {
  const auto length = swap_bytes(static_cast<std::int32_t>(bytes_.size() - value_at_));
  std::memcpy(bytes_.data() + value_at_ - sizeof length, &length, sizeof length);
}

void CopyData::drop_value() {
  bytes_.resize(value_at_ - sizeof(std::int32_t));
  add_null();
}

std::string_view CopyData::finish() {
  if (bytes_.empty()) clear();
  append_big(bytes_, std::int16_t{-1});
  return bytes_;
}

}  // namespace unity::db::postgres
