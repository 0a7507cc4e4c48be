#include "app/demo_data.hpp"

#include <cmath>
#include <numbers>

#include "host_version.hpp"
#include "unity/core/base/sha256.hpp"

namespace unity::host {
namespace {

constexpr auto kStep = std::chrono::minutes(5);
constexpr auto kSpan = std::chrono::hours(24);
constexpr const char* kDevices[] = {"demo-nas", "demo-web", "demo-db"};
constexpr const char* kMounts[] = {"/", "/srv"};

class Moment {
 public:
  Moment(const char* device, Time time)
      : origin_(std::make_shared<const Origin>(Origin{device, kDemoPlugin, "demo"})), time_(time) {}

  void add_to(std::vector<Record>& records) const {
    const double load = 0.1 + 2.5 * daytime() + 0.4 * noise("load");
    add(records, "load", {},
        {{"one", load, Kind::gauge, "1"},
         {"five", load * 0.9, Kind::gauge, "1"},
         {"fifteen", load * 0.8, Kind::gauge, "1"}});
    add(records, "cpu", {}, {{"usage", 4 + 60 * daytime() + 10 * noise("cpu"), Kind::gauge, "%"}});
    const double memory = 8e9;
    const double used = std::floor(memory * (0.35 + 0.3 * daytime() + 0.05 * noise("memory")));
    add(records, "memory", {},
        {{"used", used, Kind::gauge, "By"}, {"available", memory - used, Kind::gauge, "By"}});
    for (const auto* mount : kMounts) {
      const double free = std::floor(2e11 * (0.3 + 0.2 * noise(mount)));
      add(records, "filesystem", {{Name("mount"), mount}}, {{"free", free, Kind::gauge, "By"}});
    }
    const auto stopped = std::int64_t{noise("containers") > 0.9 ? 1 : 0};
    add(records, "container_stats", {},
        {{"running", std::int64_t{12} - stopped, Kind::gauge, "1"},
         {"stopped", stopped, Kind::gauge, "1"}});
  }

 private:
  void add(std::vector<Record>& records, const char* metric, Tags tags,
           std::vector<Field> fields) const {
    Record record;
    record.origin = origin_;
    record.metric = metric;
    record.time = time_;
    record.tags = std::move(tags);
    record.fields = std::move(fields);
    records.push_back(std::move(record));
  }

  // 0 at night, 1 at two in the afternoon, UTC.
  double daytime() const {
    const auto of_day = time_ - std::chrono::floor<std::chrono::days>(time_);
    const double turn = std::chrono::duration<double>(of_day - std::chrono::hours(14)) /
                        std::chrono::duration<double>(kSpan);
    return (1 + std::cos(2 * std::numbers::pi * turn)) / 2;
  }
  // 0 to 1, always the same of the same thing at the same moment.
  double noise(std::string_view of) const {
    const auto hash = sha256(origin_->device + std::string(of) +
                             std::to_string(time_.time_since_epoch().count()));
    return (hash[0] * 256.0 + hash[1]) / 65535.0;
  }

  std::shared_ptr<const Origin> origin_;
  Time time_;
};

}  // namespace

PluginInfo demo_plugin() {
  PluginInfo plugin;
  plugin.plugin_id = kDemoPlugin;
  plugin.name = "Sample data";
  plugin.version = kHostVersion;
  plugin.description = "What `unity db seed demo` has made up.";
  plugin.category = "demo";
  const auto hash = sha256(kDemoPlugin);
  plugin.manifest_hash.assign(hash.begin(), hash.end());
  plugin.enabled = false;
  return plugin;
}

std::vector<Record> demo_records(Time end) {
  std::vector<Record> records;
  const Time last = end - end.time_since_epoch() % kStep;
  for (Time time = last - kSpan + kStep; time <= last; time += kStep) {
    for (const auto* device : kDevices) Moment(device, time).add_to(records);
  }
  return records;
}

}  // namespace unity::host
