// Says of which machine a record speaks, and adds the tags of the operator.
#include <map>

#include "stages.hpp"

namespace unity {
namespace {

constexpr std::string_view kDeviceTag = "device";
constexpr std::string_view kEnvironmentTag = "environment";
// A collector that speaks for more machines than this is not given a shared Origin for each.
constexpr std::size_t kDevicesMax = 10'000;

struct EnrichOptions {
  Tags tags;
  std::string device;      // empty: that of the instance
  bool overwrite = false;  // the record's own tags do not win
};

class Enrich : public Processor {
 public:
  Enrich(std::shared_ptr<const Origin> origin, Tags tags, bool many_devices, bool overwrite)
      : origin_(std::move(origin)),
        tags_(std::move(tags)),
        many_devices_(many_devices),
        overwrite_(overwrite) {}

  Verdict process(Record& record, const RunContext&) override {
    const auto* device = many_devices_ ? record.tags.find(kDeviceTag) : nullptr;
    if (device != nullptr) {
      record.origin = origin_of(*device);
      record.tags.erase(kDeviceTag);
    } else if (record.origin != origin_) {
      record.origin = origin_;
    }
    if (overwrite_) {
      for (const auto& [key, value] : tags_) record.tags.set(key, value);
    } else {
      record.tags.set_defaults(tags_);
    }
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
  bool overwrite_;
  std::map<std::string, std::shared_ptr<const Origin>> devices_;
};

}  // namespace

StageMaker read_enrich(Options& in) {
  EnrichOptions options;
  in.mapping("tags", [&](const std::string& key, const json::Value& value) {
    if (const auto* text = value.string()) return options.tags.set(key, *text);
    in.complain("tags/" + pointer_step(key), "the value of a tag must be text");
  });
  if (const auto environment = in.text("environment")) {
    options.tags.set(kEnvironmentTag, *environment);
  }
  options.device = in.text("device").value_or("");
  options.overwrite = in.flag("overwrite").value_or(false);
  return [options](StageBuild& build) {
    const auto& context = build.context();
    auto origin = context.origin;
    if (!options.device.empty()) {
      origin =
          std::make_shared<const Origin>(Origin{options.device, origin->plugin, origin->instance});
    }
    auto tags = options.tags;
    for (const auto& [key, value] : context.tags) tags.set_default(key, value);
    return std::make_unique<Enrich>(origin, std::move(tags), context.collector->many_devices,
                                    options.overwrite);
  };
}

}  // namespace unity
