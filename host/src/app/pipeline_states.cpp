#include "app/pipeline_states.hpp"

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {
namespace {

constexpr std::int64_t kVersion = 1;

}  // namespace

PipelineStates::PipelineStates(std::filesystem::path file) : file_(std::move(file)) {
  const auto text = read_if_there(file_);
  if (!text || !*text) {
    if (!text) warning_ = text.error().message;
    return;
  }
  const auto document = json::parse(**text);
  const auto* version = document ? document->find("version") : nullptr;
  const auto* instances = document ? document->find("instances") : nullptr;
  if (version == nullptr || version->integer() != kVersion || instances == nullptr ||
      instances->object() == nullptr) {
    warning_ = fmt::format("{} cannot be used; rates begin anew", file_.string());
    return;
  }
  for (const auto& [instance, state] : *instances->object()) {
    if (state.string() != nullptr) states_[instance] = *state.string();
  }
}

std::string PipelineStates::get(const std::string& instance) const {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(instance);
  return found != states_.end() ? found->second : std::string();
}

void PipelineStates::put(const std::string& instance, std::string state) {
  const std::lock_guard lock(mutex_);
  states_[instance] = std::move(state);
  changed_ = true;
}

Result<void> PipelineStates::save() {
  const std::lock_guard saving(saving_);
  json::Object instances;
  {
    const std::lock_guard lock(mutex_);
    if (!changed_) return {};
    for (const auto& [instance, state] : states_) instances.emplace_back(instance, state);
    changed_ = false;
  }
  const auto saved = write_durably(
      file_, json::dump(json::Object{{"version", kVersion}, {"instances", std::move(instances)}}));
  if (!saved) {
    const std::lock_guard lock(mutex_);
    changed_ = true;
  }
  return saved;
}

}  // namespace unity::host
