#include "check/options.hpp"

namespace unity::check {

json::Value Options::to_json() const {
  json::Value value;
  value.set("config", config);
  value.set("seed", std::to_string(seed));  // as text: the number may be too large for JSON
  value.set("reproduce", reproduce);
  value.set("fuzz_ms", static_cast<std::int64_t>(
                           std::chrono::duration_cast<std::chrono::milliseconds>(fuzz).count()));
  return value;
}

Result<Options> Options::from_json(const json::Value& value) {
  Options options;
  const auto* config = value.find("config");
  const auto* seed = value.find("seed");
  const auto* reproduce = value.find("reproduce");
  const auto* fuzz = value.find("fuzz_ms");
  if (config == nullptr || seed == nullptr || seed->string() == nullptr || reproduce == nullptr ||
      reproduce->boolean() == nullptr || fuzz == nullptr) {
    return Error{Errc::internal, "the options of the check are incomplete"};
  }
  options.config = *config;
  options.seed = std::stoull(*seed->string());
  options.reproduce = *reproduce->boolean();
  options.fuzz = std::chrono::milliseconds(fuzz->integer());
  return options;
}

}  // namespace unity::check
