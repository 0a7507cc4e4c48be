#include "rate_memory.hpp"

#include "unity/core/json/value.hpp"
#include "unity/core/model/manifest.hpp"

namespace unity {
namespace {

constexpr int kVersion = 1;
constexpr std::size_t kMembers = 6;  // of one counter in the text

// Keys hold lengths in binary, JSON only text.
std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  }
  return bytes;
}

json::Value to_value(const FieldValue& value) {
  return std::visit(
      [](const auto& held) -> json::Value {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
          return {};
        } else {
          return held;
        }
      },
      value);
}

json::Array save_counter(const RateCounter& counter) {
  return {counter.name.text(),
          to_value(counter.value),
          std::int64_t{counter.stamp.count()},
          std::int64_t{counter.wall.time_since_epoch().count()},
          counter.own_time,
          counter.rate ? json::Value(*counter.rate) : json::Value()};
}

std::optional<RateCounter> restore_counter(const json::Value& saved, bool same_boot) {
  const auto* members = saved.array();
  if (members == nullptr || members->size() != kMembers) return std::nullopt;
  const auto& name = (*members)[0];
  const auto& own_time = (*members)[4];
  const auto& rate = (*members)[5];
  if (name.string() == nullptr || own_time.boolean() == nullptr) return std::nullopt;
  RateCounter counter;
  counter.name = *name.string();
  counter.value = to_field_value((*members)[1]);
  counter.stamp = RateStamp((*members)[2].integer());
  counter.wall = Time(std::chrono::microseconds((*members)[3].integer()));
  counter.own_time = *own_time.boolean();
  counter.of_other_boot = !same_boot && !counter.own_time;
  if (rate.is_number()) counter.rate = rate.number();
  return counter;
}

}  // namespace

RateCounter& RateSeries::counter(const Name& name, std::size_t place) {
  if (place < counters.size() && counters[place].name == name) return counters[place];
  for (auto& counter : counters) {
    if (counter.name == name) return counter;
  }
  counters.emplace_back().name = name;
  return counters.back();
}

std::string save_rates(const RateMemory& memory, const std::string& boot) {
  if (memory.empty()) return {};
  json::Object series;
  for (const auto& [key, known] : memory) {
    json::Array counters;
    for (const auto& counter : known.counters) counters.emplace_back(save_counter(counter));
    series.emplace_back(to_hex(key), std::move(counters));
  }
  return json::dump(
      json::Object{{"version", kVersion}, {"boot", boot}, {"series", std::move(series)}});
}

void restore_rates(std::string_view saved, const std::string& boot, RateMemory& memory) {
  const auto document = json::parse(saved);
  if (!document || document->find("version") == nullptr) return;
  const auto* series = document->find("series");
  const auto* its_boot = document->find("boot");
  if (document->find("version")->integer() != kVersion || series == nullptr ||
      series->object() == nullptr || its_boot == nullptr || its_boot->string() == nullptr) {
    return;
  }
  const bool same_boot = !boot.empty() && *its_boot->string() == boot;
  for (const auto& [key, counters] : *series->object()) {
    const auto [at, is_new] = memory.try_emplace(from_hex(key));
    if (!is_new || counters.array() == nullptr) continue;
    for (const auto& saved_counter : *counters.array()) {
      if (auto counter = restore_counter(saved_counter, same_boot)) {
        at->second.counters.push_back(std::move(*counter));
      }
    }
  }
}

}  // namespace unity
