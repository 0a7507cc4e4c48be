#include "workers/quarantine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/durable_file.hpp"
#include "base/wall_clock.hpp"
#include "log/log.hpp"

namespace unity::host {
namespace {

constexpr auto kWindow = std::chrono::minutes(10);
constexpr std::size_t kOffencesKept = 10;
constexpr std::size_t kHashDigitsMin = 8;

std::vector<std::string> texts_of(const json::Value& object, std::string_view name) {
  std::vector<std::string> lines;
  const auto* value = object.find(name);
  if (value == nullptr || value->array() == nullptr) return lines;
  for (const auto& one : *value->array()) {
    if (one.string() != nullptr) lines.push_back(*one.string());
  }
  return lines;
}

Offence to_offence(const json::Value& value) {
  Offence offence;
  offence.at = parse_rfc3339(json::text_of(value, "at")).value_or(Time());
  offence.instance = json::text_of(value, "instance");
  offence.reason = json::text_of(value, "reason");
  if (const auto* signal = value.find("signal"); signal != nullptr && signal->is_number()) {
    offence.signal = static_cast<int>(signal->number());
  }
  offence.backtrace = texts_of(value, "backtrace");
  offence.last_output = texts_of(value, "last_output");
  return offence;
}

OffenderRecord to_record(const json::Value& value) {
  OffenderRecord record;
  record.hash = json::text_of(value, "sha256");
  record.plugin = json::text_of(value, "plugin");
  record.path = json::text_of(value, "path");
  const auto* quarantined = value.find("quarantined");
  record.quarantined =
      quarantined != nullptr && quarantined->boolean() != nullptr && *quarantined->boolean();
  record.since = parse_rfc3339(json::text_of(value, "since")).value_or(Time());
  const auto* offences = value.find("offences");
  if (offences != nullptr && offences->array() != nullptr) {
    for (const auto& one : *offences->array()) record.offences.push_back(to_offence(one));
  }
  return record;
}

}  // namespace

std::size_t recent_offences(const OffenderRecord& record, Time now) {
  const auto& all = record.offences;
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Offence& one) {
    return now - one.at < kWindow && one.at <= now && one.at > record.since;
  }));
}

json::Value to_json(const OffenderRecord& record) {
  json::Array offences;
  for (const auto& one : record.offences) {
    offences.emplace_back(json::Object{{"at", to_rfc3339(one.at)},
                                       {"instance", one.instance},
                                       {"reason", one.reason},
                                       {"signal", one.signal},
                                       {"backtrace", json::array_of(one.backtrace)},
                                       {"last_output", json::array_of(one.last_output)}});
  }
  return json::Object{{"sha256", record.hash},
                      {"plugin", record.plugin},
                      {"path", record.path},
                      {"quarantined", record.quarantined},
                      {"since", to_rfc3339(record.since)},
                      {"offences", std::move(offences)}};
}

Result<std::vector<OffenderRecord>> read_quarantine(const std::filesystem::path& file) {
  std::vector<OffenderRecord> records;
  const auto text = read_if_there(file);
  if (!text) return text.error();
  if (!*text) return records;
  const auto document = json::parse(**text);
  const auto* list = document ? document->find("plugins") : nullptr;
  if (list == nullptr || list->array() == nullptr) {
    return Error{Errc::invalid, fmt::format("{} is not what a host writes", file.string())};
  }
  for (const auto& one : *list->array()) records.push_back(to_record(one));
  return records;
}

Quarantine::Quarantine(std::filesystem::path file, int after)
    : file_(std::move(file)), after_(after) {
  auto records = read_quarantine(file_);
  if (!records) {
    log_warn("the quarantine begins anew: {}", records.error().message);
    return;
  }
  for (auto& record : *records) {
    if (!record.offences.empty()) records_.emplace(record.hash, std::move(record));
  }
}

std::optional<std::string> Quarantine::reason(const Sha256& hash) const {
  const std::lock_guard lock(mutex_);
  if (records_.empty()) return std::nullopt;
  const auto found = records_.find(to_hex(hash));
  if (found == records_.end() || !found->second.quarantined) return std::nullopt;
  const auto& record = found->second;
  const auto& last = record.offences.back();
  return fmt::format(
      "its file {} is in quarantine since {}: {}; mend it, or release it with `unity plugin "
      "quarantine release {}`",
      record.path, to_rfc3339(record.since), last.reason, record.hash.substr(0, 12));
}

OffenderRecord& Quarantine::record(const PluginImage& image) {
  auto& record = records_[to_hex(image.hash)];
  record.hash = to_hex(image.hash);
  record.plugin = image.manifest->id;
  record.path = image.identity.path;
  return record;
}

bool Quarantine::offend(const PluginImage& image, Offence offence) {
  const bool held = note(image, std::move(offence));
  save();
  return held;
}

bool Quarantine::note(const PluginImage& image, Offence offence) {
  const std::lock_guard lock(mutex_);
  auto& offender = record(image);
  offence.at = wall_now();
  const auto recent = recent_offences(offender, offence.at);
  offender.offences.push_back(std::move(offence));
  if (offender.offences.size() > kOffencesKept) offender.offences.erase(offender.offences.begin());
  if (!offender.quarantined && after_ > 0 && recent + 1 >= static_cast<std::size_t>(after_)) {
    offender.quarantined = true;
    offender.since = wall_now();
    log_error("plugin {} ({}) is in quarantine: {} offences within ten minutes, the last: {}",
              offender.plugin, offender.path, recent + 1, offender.offences.back().reason);
  }
  return offender.quarantined;
}

void Quarantine::condemn(const PluginImage& image, Offence offence) {
  {
    const std::lock_guard lock(mutex_);
    auto& offender = record(image);
    offence.at = wall_now();
    offender.offences.push_back(std::move(offence));
    offender.quarantined = true;
    offender.since = wall_now();
    log_error("plugin {} ({}) is in quarantine: {}", offender.plugin, offender.path,
              offender.offences.back().reason);
  }
  save();
}

std::vector<OffenderRecord> Quarantine::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<OffenderRecord> all;
  for (const auto& [hash, record] : records_) all.push_back(record);
  return all;
}

Result<std::vector<std::string>> Quarantine::release(std::string_view what) {
  std::vector<std::string> freed;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [hash, record] : records_) {
      const bool named =
          record.plugin == what || (what.size() >= kHashDigitsMin && hash.starts_with(what));
      if (!named || !record.quarantined) continue;
      record.quarantined = false;
      record.since = wall_now();  // what came before is forgiven
      freed.push_back(record.plugin);
    }
  }
  if (freed.empty()) {
    return Error{Errc::not_found,
                 fmt::format("nothing named \"{}\" is in quarantine; `unity plugin quarantine "
                             "list` shows what is",
                             what)};
  }
  save();
  return freed;
}

void Quarantine::save() const {
  const std::lock_guard saving(save_mutex_);
  json::Array plugins;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [hash, record] : records_) plugins.push_back(to_json(record));
  }
  const auto text = json::dump(json::Object{{"plugins", std::move(plugins)}}) + "\n";
  if (const auto saved = write_durably(file_, text); !saved) {
    log_warn("the quarantine is not kept beyond the end of the host: {}", saved.error().message);
  }
}

}  // namespace unity::host
