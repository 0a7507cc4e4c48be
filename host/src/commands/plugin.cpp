#include <fmt/format.h>

#include <iostream>

#include "app/plan.hpp"
#include "base/table.hpp"
#include "commands/support.hpp"

namespace unity::host {
namespace {

std::string collector_names(const Manifest& manifest) {
  std::string names;
  for (const auto& collector : manifest.collectors) {
    names += (names.empty() ? "" : ", ") + collector.name;
  }
  return names;
}

std::string describe(const PluginFile& file) {
  const auto& manifest = file.manifest;
  auto text = fmt::format(
      "{} {}  {}\n{}\nfile      {}\nsha256    {}\nneeds ABI {}.{}\nasks for  {}\n", manifest.id,
      manifest.version, manifest.name, manifest.description, file.path.string(), to_hex(file.hash),
      manifest.abi_min_major, manifest.abi_min_minor, to_text(manifest.permissions));
  for (const auto& collector : manifest.collectors) {
    text += fmt::format("\ncollector {}  {}\n", collector.name, collector.description);
    const auto* options = collector.config_schema.find("properties");
    if (options == nullptr || options->object() == nullptr) continue;
    Table table({"  OPTION", "TYPE", "DEFAULT", "MEANING"});
    const auto cell = [](const json::Value& option, std::string_view name) -> std::string {
      const auto* value = option.find(name);
      if (value == nullptr) return "-";
      return value->string() != nullptr ? *value->string() : json::dump(*value);
    };
    for (const auto& [name, option] : *options->object()) {
      table.add({"  " + name, cell(option, "type"), cell(option, "default"),
                 cell(option, "description")});
    }
    text += table.to_text();
  }
  Table table({"METRIC", "FIELD", "KIND", "UNIT"});
  for (const auto& metric : manifest.metrics) {
    for (const auto& field : metric.fields) {
      table.add({metric.name, field.name, std::string(to_text(field.kind)),
                 field.unit.empty() ? "-" : field.unit});
    }
    if (metric.open) table.add({metric.name, "(any other)", "gauge", "-"});
  }
  return text + "\n" + table.to_text();
}

}  // namespace

int plugin_list_command(const CommonOptions& common,
                        const std::vector<std::filesystem::path>& dirs) {
  auto folders = dirs;
  if (folders.empty() && std::filesystem::exists(common.config)) {
    const auto loaded = load_and_report(common);
    if (!loaded) return kExitBadConfig;
    folders = plugin_dirs(*loaded->config);
  }
  if (folders.empty()) folders = {bundled_plugin_dir()};
  const auto plugins = scan_plugins(folders);
  if (!plugins) return report(plugins.error());

  if (common.json) {
    json::Array list;
    for (const auto& [id, file] : plugins->by_id) {
      json::Array collectors;
      for (const auto& collector : file.manifest.collectors)
        collectors.emplace_back(collector.name);
      list.emplace_back(json::Object{{"id", id},
                                     {"version", file.manifest.version},
                                     {"name", file.manifest.name},
                                     {"path", file.path.string()},
                                     {"sha256", to_hex(file.hash)},
                                     {"collectors", std::move(collectors)}});
    }
    json::Array unusable;
    for (const auto& problem : plugins->unusable) unusable.emplace_back(problem.message);
    print_json(json::Object{{"plugins", std::move(list)}, {"unusable", std::move(unusable)}});
    return kExitDone;
  }
  Table table({"PLUGIN", "VERSION", "COLLECTORS", "FILE"});
  for (const auto& [id, file] : plugins->by_id) {
    table.add({id, file.manifest.version, collector_names(file.manifest), file.path.string()});
  }
  print(table.to_text());
  for (const auto& problem : plugins->unusable) std::cerr << "warning: " << problem.message << "\n";
  return kExitDone;
}

int plugin_inspect_command(const std::filesystem::path& path, bool json) {
  const auto file = read_plugin_file(path);
  if (!file) return report(file.error());
  if (json) {
    auto document = file->manifest.document;
    document.set("path", file->path.string());
    document.set("sha256", to_hex(file->hash));
    print_json(document);
  } else {
    print(describe(*file));
  }
  return kExitDone;
}

}  // namespace unity::host
