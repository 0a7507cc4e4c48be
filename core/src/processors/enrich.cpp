#include <map>

#include "stages.hpp"

namespace unity {
namespace {

constexpr std::string_view kDeviceTag = "device";
// A collector that speaks for more machines than this is not given a shared Origin for each.
constexpr std::size_t kDevicesMax = 10'000;

class Enrich : public Processor {
 public:
  Enrich(std::shared_ptr<const Origin> origin, Tags tags, bool many_devices)
      : origin_(std::move(origin)), tags_(std::move(tags)), many_devices_(many_devices) {}

  Verdict process(Record& record, const RunContext&) override {
    if (many_devices_) {
      if (const auto* device = record.tags.find(kDeviceTag)) {
        record.origin = origin_of(*device);
        record.tags.erase(kDeviceTag);
      }
    }
    for (const auto& [key, value] : tags_) record.tags.set_default(key, value);
    return Verdict::keep();
  }

 private:
  std::shared_ptr<const Origin> origin_of(const std::string& device) {
    const auto found = devices_.find(device);
    if (found != devices_.end()) return found->second;
    auto origin =
        std::make_shared<const Origin>(Origin{device, origin_->plugin, origin_->instance});
    if (devices_.size() < kDevicesMax) devices_.emplace(device, origin);
    return origin;
  }

  std::shared_ptr<const Origin> origin_;
  Tags tags_;
  bool many_devices_;
  std::map<std::string, std::shared_ptr<const Origin>> devices_;
};

}  // namespace

StageMaker read_enrich(Options&) {
  return [](StageBuild& build) {
    const auto& context = build.context();
    return std::make_unique<Enrich>(context.origin, context.tags, context.collector->many_devices);
  };
}

}  // namespace unity
