#include "app/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unity/core/base/suggest.hpp"

namespace unity::host {
namespace {

std::string names(const std::vector<std::string>& all) {
  return all.empty() ? "none" : fmt::format("{}", fmt::join(all, ", "));
}

std::string folder_names(const Config& config) {
  std::vector<std::string> folders;
  for (const auto& folder : plugin_dirs(config)) folders.push_back(folder.string());
  return names(folders);
}

const PluginFile* find_plugin(const Config& whole, const InstanceConfig& config,
                              const PluginSet& plugins, Diagnostics& diagnostics,
                              ComingAndGoing* files) {
  const auto found = plugins.by_id.find(config.plugin);
  if (found != plugins.by_id.end()) return &found->second;
  const auto ids = plugins.ids();
  const auto near = nearest(config.plugin, ids);
  auto message = fmt::format("there is no plugin \"{}\" in {}", config.plugin, folder_names(whole));
  message +=
      near ? fmt::format("; did you mean \"{}\"?", *near) : fmt::format("; found: {}", names(ids));
  // Perhaps it is there and was refused.
  for (const auto& problem : plugins.unusable) message += "\n  note: " + problem.message;
  if (files != nullptr) {
    files->left_out.push_back({config.id, std::move(message)});
  } else {
    diagnostics.error(config.plugin_location, std::move(message));
  }
  return nullptr;
}

const CollectorSpec* find_collector(const InstanceConfig& config, const PluginFile& plugin,
                                    Diagnostics& diagnostics) {
  const auto& collectors = plugin.manifest.collectors;
  if (config.collector.empty() && collectors.size() == 1) return &collectors.front();
  if (const auto* found = plugin.manifest.find_collector(config.collector)) return found;
  std::vector<std::string> known;
  for (const auto& collector : collectors) known.push_back(collector.name);
  diagnostics.error(
      config.location,
      config.collector.empty()
          ? fmt::format("plugin {} has several collectors; choose one with `collector`: {}",
                        config.plugin, names(known))
          : fmt::format("plugin {} has no collector \"{}\"; it has: {}", config.plugin,
                        config.collector, names(known)));
  return nullptr;
}

void check_secrets(const Config& config, const InstanceConfig& instance, const json::Schema& schema,
                   const json::Value& options, std::set<std::string, std::less<>>& secrets,
                   Diagnostics& diagnostics) {
  std::vector<std::string> known;
  for (const auto& secret : config.secrets) known.push_back(secret.name);
  for (const auto& [pointer, name] : schema.secrets(options)) {
    secrets.insert(name);
    if (config.find_secret(name) != nullptr) continue;
    const auto near = nearest(name, known);
    diagnostics.error(
        instance.locate_option(pointer),
        fmt::format("config{}: there is no secret \"{}\"; {}", pointer, name,
                    near ? fmt::format("did you mean \"{}\"?", *near)
                         : fmt::format("define it in `secrets`, which has: {}", names(known))));
  }
}

std::string check_options(const Config& whole, const InstanceConfig& config,
                          const CollectorSpec& collector,
                          std::set<std::string, std::less<>>& secrets, Diagnostics& diagnostics) {
  auto options =
      config.options.value.is_null() ? json::Value(json::Object()) : config.options.value;
  if (collector.config_schema.is_null()) {
    if (!options.object()->empty()) {
      diagnostics.error(config.locate_option(""),
                        fmt::format("collector {} takes no options", collector.name));
    }
    return "{}";
  }
  // Compiled before, when the manifest was read.
  const auto schema = json::Schema::compile(collector.config_schema);
  for (const auto& mismatch : schema->check(options)) {
    diagnostics.error(config.locate_option(mismatch.pointer),
                      fmt::format("config{}: {}", mismatch.pointer, mismatch.message));
  }
  check_secrets(whole, config, *schema, options, secrets, diagnostics);
  return json::dump(options);
}

Duration check_interval(const InstanceConfig& config, const CollectorSpec& collector,
                        const CollectionConfig& defaults, Diagnostics& diagnostics) {
  const auto interval =
      config.interval.value_or(collector.default_interval.value_or(defaults.default_interval));
  if (interval < collector.min_interval) {
    diagnostics.error(
        config.location,
        fmt::format("interval {} is shorter than the {} that collector {} allows",
                    to_text(interval), to_text(collector.min_interval), collector.name));
  }
  if (config.jitter >= interval) {
    diagnostics.error(config.location, fmt::format("jitter {} is not below the interval {}",
                                                   to_text(config.jitter), to_text(interval)));
  }
  return interval;
}

Permissions plan_permissions(const InstancePlan& plan, Diagnostics& diagnostics) {
  const auto wanted =
      change_permissions(plan.plugin->manifest.permissions, plan.config->permissions);
  std::vector<PermissionProblem> problems;
  auto permissions = resolve_options(wanted, *json::parse(plan.options), problems);
  for (const auto& problem : problems) {
    diagnostics.error(plan.config->locate_option(problem.pointer),
                      fmt::format("config{}: {}", problem.pointer, problem.message));
  }
  return permissions;
}

// Mistakes in the global list that only some instances have are none: a stage without a selector
// has nothing to do where there is no such field.
class PipelineChecks {
 public:
  void check(const Config& config, const InstancePlan& plan, Diagnostics& diagnostics) {
    const std::shared_ptr<const Manifest> manifest(std::shared_ptr<void>(), &plan.plugin->manifest);
    StageContext context;
    context.manifest = manifest;
    context.collector = plan.collector;
    context.origin =
        std::make_shared<const Origin>(Origin{config.device, manifest->id, plan.config->id});
    std::vector<Problem> found;
    make_pipeline(context, config.pipeline.stages, plan.config->pipeline.stages, found);
    ++instances_;
    std::vector<Problem> own;
    for (auto& problem : found) {
      if (problem.level == PipelineLevel::collector) {
        own.push_back(std::move(problem));
        continue;
      }
      const auto known = std::find_if(global_.begin(), global_.end(), [&](const auto& entry) {
        return entry.first.pointer == problem.pointer;
      });
      if (known != global_.end()) {
        ++known->second;
      } else {
        global_.emplace_back(std::move(problem), 1);
      }
    }
    report_problems(own, config.pipeline, plan.config->pipeline, diagnostics);
  }

  void finish(const Config& config, Diagnostics& diagnostics) const {
    for (const auto& [problem, count] : global_) {
      if (count == instances_) {
        report_problems({problem}, config.pipeline, config.pipeline, diagnostics);
      }
    }
  }

 private:
  std::vector<std::pair<Problem, std::size_t>> global_;
  std::size_t instances_ = 0;
};

std::optional<InstancePlan> plan_instance(const Config& config, const InstanceConfig& instance,
                                          const PluginFile& plugin, PipelineChecks& pipelines,
                                          Diagnostics& diagnostics) {
  if (plugin.manifest.requires_worker && instance.isolation == "inline") {
    diagnostics.error(instance.plugin_location,
                      fmt::format("plugin {} must run in a worker process; leave out `isolation`, "
                                  "or say `dedicated`",
                                  instance.plugin));
    return std::nullopt;
  }
  const auto* collector = find_collector(instance, plugin, diagnostics);
  if (collector == nullptr) return std::nullopt;
  std::set<std::string, std::less<>> secrets;
  auto options = check_options(config, instance, *collector, secrets, diagnostics);
  InstancePlan plan{&instance, &plugin, collector, std::move(options),
                    check_interval(instance, *collector, config.collection, diagnostics)};
  plan.secrets = std::move(secrets);
  plan.permissions = plan_permissions(plan, diagnostics);
  pipelines.check(config, plan, diagnostics);
  return plan;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::vector<InstancePlan> plan_instances(const Config& config, const PluginSet& plugins,
                                         Diagnostics& diagnostics, ComingAndGoing* files) {
  std::vector<InstancePlan> plans;
  PipelineChecks pipelines;
  for (const auto& instance : config.collectors) {
    if (!instance.enabled) continue;
    const auto* plugin = find_plugin(config, instance, plugins, diagnostics, files);
    if (plugin == nullptr) continue;
    Diagnostics own;
    auto plan = plan_instance(config, instance, *plugin, pipelines, own);
    auto mistakes = own.take({});
    if (!mistakes.empty() && files != nullptr && files->is_new(instance.id, *plugin)) {
      files->left_out.push_back(
          {instance.id, fmt::format("version {} of its plugin does not go with its configuration: "
                                    "{}: {}",
                                    plugin->manifest.version, mistakes.front().location.text(),
                                    first_line(mistakes.front().message))});
      continue;
    }
    for (auto& mistake : mistakes) diagnostics.add(std::move(mistake));
    if (plan) plans.push_back(std::move(*plan));
  }
  pipelines.finish(config, diagnostics);
  return plans;
}

std::vector<std::filesystem::path> plugin_dirs(const Config& config) {
  if (!config.plugin_dirs.empty()) return config.plugin_dirs;
  return {bundled_plugin_dir()};
}

}  // namespace unity::host
