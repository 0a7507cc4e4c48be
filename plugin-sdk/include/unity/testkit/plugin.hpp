// A plugin as a host sees it: its table, its collectors and its manifest.
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "unity/plugin.h"
#include "unity/testkit/json.hpp"

namespace unity::testkit {

class Plugin {
 public:
  // Loads a library. It is never unloaded: plugins are linked to stay.
  static Plugin load(const std::string& library) {
    void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw std::runtime_error(::dlerror());
    using Entry = const unity_plugin* (*)(const unity_entry_args*);
    const auto entry = reinterpret_cast<Entry>(::dlsym(handle, "unity_plugin_entry_v1"));
    if (entry == nullptr) throw std::runtime_error(library + " exports no unity_plugin_entry_v1");
    unity_entry_args args{};
    args.struct_size = sizeof args;
    args.abi = UNITY_ABI_LATEST;
    args.host_name = {"unity testkit", 13};
    args.host_version = {"1.0", 3};
    const auto* plugin = entry(&args);
    if (plugin == nullptr) throw std::runtime_error(library + " refuses this host");
    return Plugin(*plugin);
  }
  // A plugin that is linked into the test: what its entry function returned.
  explicit Plugin(const unity_plugin& table)
      : table_(&table), manifest_(text_of(table.manifest)), document_(Json::parse(manifest_)) {
    if (table.n_collectors == 0) throw std::runtime_error("the plugin offers no collector");
  }
  // One collector without a plugin around it.
  explicit Plugin(const unity_collector& collector, std::string manifest = "{}")
      : collector_(&collector), manifest_(std::move(manifest)), document_(Json::parse(manifest_)) {}

  const std::string& manifest() const { return manifest_; }
  // Null for a lone collector.
  const unity_plugin* table() const { return table_; }

  // By name; an empty name means the first.
  const unity_collector& collector(std::string_view name = {}) const {
    for (std::size_t i = 0; i < (table_ != nullptr ? table_->n_collectors : 1); ++i) {
      const auto& one = table_ != nullptr ? *table_->collectors[i] : *collector_;
      if (name.empty() || text_of(one.name) == name) return one;
    }
    throw std::runtime_error("the plugin offers no collector " + std::string(name));
  }

  // The options as a host would pass them: the defaults of the manifest's schema filled in.
  std::string with_defaults(const std::string& options,
                            std::string_view collector_name = {}) const {
    const auto given = Json::parse(options);
    std::string all;
    const auto add = [&all](const std::string& name, const Json& value) {
      all +=
          (all.empty() ? "{\"" : ",\"") + name + "\":" + value.raw();  // schemas hold plain names
    };
    for (const auto& [name, value] : given.members()) add(name, value);
    if (const auto* properties = properties_of(text_of(collector(collector_name).name))) {
      for (const auto& [name, schema] : properties->members()) {
        const auto* value = schema.find("default");
        if (value != nullptr && given.find(name) == nullptr) add(name, *value);
      }
    }
    return all.empty() ? "{}" : all + "}";
  }

 private:
  static std::string text_of(unity_str text) {
    return text.len == 0 ? std::string() : std::string(text.ptr, text.len);
  }

  const Json* properties_of(const std::string& name) const {
    const auto* collectors = document_.find("collectors");
    if (collectors == nullptr) return nullptr;
    for (const auto& one : collectors->items()) {
      const auto* schema = one.at("name").string() == name ? one.find("config") : nullptr;
      if (schema != nullptr) return schema->find("properties");
    }
    return nullptr;
  }

  const unity_plugin* table_ = nullptr;
  const unity_collector* collector_ = nullptr;
  std::string manifest_;
  Json document_;
};

}  // namespace unity::testkit
