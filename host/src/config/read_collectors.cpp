#include <fmt/format.h>

#include <map>

#include "config/options.hpp"
#include "config/sections.hpp"

namespace unity::host {
namespace {

void read_plugin(Reader& reader, const Entry& entry, InstanceConfig& instance) {
  assign(instance.plugin, reader.name(entry));
  instance.plugin_location = entry.value.place.location();
}

void read_isolation(Reader& reader, const Entry& entry, InstanceConfig& instance) {
  assign(instance.isolation, reader.choice(entry, {"inline", "pooled", "dedicated"}));
}

void read_config(Reader& reader, const Entry& entry, InstanceConfig& instance) {
  const auto kind = entry.value.kind;
  if (kind == Node::Kind::mapping) {
    instance.options = read_options(entry.value);
  } else if (kind != Node::Kind::null) {
    reader.error(entry.value.place, "`config` must be a mapping: the options of the plugin");
  }
}

constexpr Key<InstanceConfig> kKeys[] = {
    {"id", [](Reader& r, const Entry& e, InstanceConfig& i) { assign(i.id, r.name(e)); }},
    {"plugin", read_plugin},
    {"collector",
     [](Reader& r, const Entry& e, InstanceConfig& i) { assign(i.collector, r.name(e)); }},
    {"enabled", [](Reader& r, const Entry& e, InstanceConfig& i) { assign(i.enabled, r.flag(e)); }},
    {"interval",
     [](Reader& r, const Entry& e, InstanceConfig& i) {
       i.interval = r.duration(e, kShortestInterval, kLongestInterval);
     }},
    {"timeout",
     [](Reader& r, const Entry& e, InstanceConfig& i) {
       assign(i.timeout, r.duration(e, kShortestInterval, kLongestWait));
     }},
    {"retry_count", [](Reader& r, const Entry& e,
                       InstanceConfig& i) { assign(i.retry_count, r.whole(e, 0, kMostRetries)); }},
    {"retry_delay",
     [](Reader& r, const Entry& e, InstanceConfig& i) {
       assign(i.retry_delay, r.duration(e, Duration::zero(), kLongestWait));
     }},
    {"retry_backoff",
     [](Reader& r, const Entry& e, InstanceConfig& i) {
       assign(i.retry_backoff, r.number(e, 1, kLargestBackoff));
     }},
    {"jitter",
     [](Reader& r, const Entry& e, InstanceConfig& i) {
       assign(i.jitter, r.duration(e, Duration::zero(), kLongestWait));
     }},
    {"align", [](Reader& r, const Entry& e, InstanceConfig& i) { assign(i.align, r.flag(e)); }},
    {"pause_after", [](Reader& r, const Entry& e,
                       InstanceConfig& i) { assign(i.pause_after, r.whole(e, 0, kMostFailures)); }},
    {"stretch_max", [](Reader& r, const Entry& e,
                       InstanceConfig& i) { assign(i.stretch_max, r.whole(e, 1, kMostStretch)); }},
    {"on_overrun", [](Reader& r, const Entry& e,
                      InstanceConfig& i) { assign(i.on_overrun, read_on_overrun(r, e)); }},
    {"on_start_error",
     [](Reader& r, const Entry& e, InstanceConfig& i) {
       assign(i.on_start_error, read_on_start_error(r, e));
     }},
    {"target", [](Reader& r, const Entry& e, InstanceConfig& i) { assign(i.target, r.text(e)); }},
    {"isolation", read_isolation},
    {"permissions",
     [](Reader& r, const Entry& e, InstanceConfig& i) { read_permissions(r, e, i.permissions); }},
    {"limits", [](Reader& r, const Entry& e, InstanceConfig& i) { read_limits(r, e, i.limits); }},
    {"device", [](Reader& r, const Entry& e, InstanceConfig& i) { assign(i.device, r.text(e)); }},
    {"tags", [](Reader& r, const Entry& e, InstanceConfig& i) { assign(i.tags, r.tags(e)); }},
    {"config", read_config},
    {"pipeline",
     [](Reader& r, const Entry& e, InstanceConfig& i) {
       read_pipeline(e, PipelineLevel::collector, i.pipeline, r.diagnostics());
     }},
};

InstanceConfig with_defaults(const CollectionConfig& collection, const Node& node) {
  InstanceConfig instance;
  instance.timeout = collection.collection_timeout;
  instance.retry_count = collection.retry_count;
  instance.retry_delay = collection.retry_delay;
  instance.retry_backoff = collection.retry_backoff;
  instance.jitter = collection.jitter;
  instance.pause_after = collection.pause_after;
  instance.stretch_max = collection.stretch_max;
  instance.on_overrun = collection.on_overrun;
  instance.on_start_error = collection.on_start_error;
  instance.limits = collection.limits;
  instance.location = node.place.location();
  return instance;
}

// Says "collector `disk`" where there is an id to say.
std::string name_of(const Node& node) {
  const auto* id = node.find("id");
  const bool known = id != nullptr && id->value.kind == Node::Kind::scalar;
  return known ? fmt::format("collector `{}`", id->value.text) : std::string("this collector");
}

void check_required(Reader& reader, const Node& node) {
  for (const auto* key : {"id", "plugin"}) {
    if (node.find(key) != nullptr) continue;
    reader.error(node.place, fmt::format("{} needs the key `{}`", name_of(node), key));
  }
}

void check_jitter(Reader& reader, const Node& node, const InstanceConfig& instance) {
  if (!instance.interval || instance.jitter < *instance.interval) return;
  const auto* own = node.find("jitter");
  reader.error(
      own != nullptr ? own->value.place : node.find("interval")->value.place,
      fmt::format("`jitter` ({}{}) must be less than `interval` ({})", to_text(instance.jitter),
                  own != nullptr ? "" : " from `collection`", to_text(*instance.interval)));
}

}  // namespace

void read_collectors(Reader& reader, const Entry& entry, const CollectionConfig& collection,
                     std::vector<InstanceConfig>& collectors) {
  if (entry.value.kind == Node::Kind::null) return;
  if (entry.value.kind != Node::Kind::list) {
    return reader.error(entry.value.place,
                        "`collectors` must be a list: `- id: …` lines, one for each collector");
  }
  std::map<std::string, Place> ids;
  for (const auto& item : entry.value.items) {
    if (item.kind != Node::Kind::mapping) {
      reader.error(item.place,
                   "each entry of `collectors` must be a mapping with `id` and `plugin`");
      continue;
    }
    auto instance = with_defaults(collection, item);
    reader.mapping(item, name_of(item), kKeys, instance);
    check_required(reader, item);
    check_jitter(reader, item, instance);
    if (!instance.id.empty()) {
      const auto place = item.find("id")->value.place;
      const auto [first, is_new] = ids.emplace(instance.id, place);
      if (!is_new) {
        reader.error(place, fmt::format("the id `{}` is already used at {}; ids are unique",
                                        instance.id, first->second.location().text()));
      }
    }
    collectors.push_back(std::move(instance));
  }
}

}  // namespace unity::host
