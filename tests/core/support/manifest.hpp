// A manifest that declares a little of everything.
#pragma once

#include <memory>
#include <string>

#include "unity/core/model/manifest.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity {

inline std::shared_ptr<Manifest> small_manifest() {
  auto manifest = std::make_shared<Manifest>();
  manifest->id = "test.plugin";
  manifest->collectors.push_back({.name = "main",
                                  .description = {},
                                  .default_interval = {},
                                  .min_interval = {},
                                  .config_schema = {},
                                  .many_devices = false});
  MetricSpec net{.name = "net", .description = {}, .fields = {}, .open = false};
  net.fields.push_back({"rx", "By", Kind::counter, {}, {}});
  net.fields.push_back({"load", "%", Kind::gauge, 0.0, 100.0});
  net.fields.push_back({"up", "", Kind::boolean, {}, {}});
  net.fields.push_back({"state", "", Kind::text, {}, {}});
  manifest->metrics.push_back(net);
  manifest->metrics.push_back({.name = "open", .description = {}, .fields = {}, .open = true});
  return manifest;
}

inline StageContext context_of(std::shared_ptr<const Manifest> manifest, Tags tags = {}) {
  StageContext context;
  context.collector = &manifest->collectors.front();
  context.manifest = std::move(manifest);
  context.origin = std::make_shared<const Origin>(Origin{"nas", "test.plugin", "main-1"});
  context.tags = std::move(tags);
  return context;
}

}  // namespace unity
