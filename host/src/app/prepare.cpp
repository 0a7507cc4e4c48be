#include "app/prepare.hpp"

namespace unity::host {

std::vector<Diagnostic> Prepared::all_mistakes() const {
  auto all = loaded.diagnostics;
  all.insert(all.end(), mistakes.begin(), mistakes.end());
  return all;
}

Prepared prepare(const std::filesystem::path& file, LoadOutcome loaded,
                 bool plugins_may_be_absent) {
  Prepared prepared;
  prepared.loaded = std::move(loaded);
  if (!prepared.loaded.config) return prepared;
  const auto& config = *prepared.loaded.config;
  auto plugins = scan_plugins(plugin_dirs(config));
  Diagnostics diagnostics;
  if (plugins) {
    prepared.plugins = std::move(*plugins);
    prepared.plans = plan_instances(config, prepared.plugins, diagnostics,
                                    plugins_may_be_absent ? &prepared.absent : nullptr);
  } else if (!config.collectors.empty()) {
    diagnostics.error({file.string(), 0, 0}, plugins.error().message);
  }
  prepared.mistakes = diagnostics.take(prepared.loaded.sources);
  return prepared;
}

}  // namespace unity::host
