#include "app/prepare.hpp"

namespace unity::host {

std::vector<Diagnostic> Prepared::all_mistakes() const {
  auto all = loaded.diagnostics;
  all.insert(all.end(), mistakes.begin(), mistakes.end());
  return all;
}

Prepared prepare(const std::filesystem::path& file, LoadOutcome loaded,
                 decltype(ComingAndGoing::is_new) is_new) {
  Prepared prepared;
  prepared.loaded = std::move(loaded);
  if (!prepared.loaded.config) return prepared;
  const auto& config = *prepared.loaded.config;
  auto plugins = scan_plugins(plugin_dirs(config));
  Diagnostics diagnostics;
  if (plugins) {
    prepared.plugins = std::move(*plugins);
    ComingAndGoing files{std::move(is_new)};
    prepared.plans =
        plan_instances(config, prepared.plugins, diagnostics, files.is_new ? &files : nullptr);
    prepared.left_out = std::move(files.left_out);
  } else if (!config.collectors.empty()) {
    diagnostics.error({file.string(), 0, 0}, plugins.error().message);
  }
  prepared.mistakes = diagnostics.take(prepared.loaded.sources);
  return prepared;
}

}  // namespace unity::host
