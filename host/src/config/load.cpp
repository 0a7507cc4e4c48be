#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "config/database_type.hpp"
#include "config/expand.hpp"
#include "config/files.hpp"
#include "config/merge.hpp"
#include "config/sections.hpp"
#include "config/yaml_parser.hpp"

namespace unity::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 16 * 1024 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr const char* kDefaultDatabase = "unity.db";
constexpr const char* kUrlVariable = "DATABASE_URL";

// What is known while the top level is read. Some sections wait for others.
struct Draft {
  Config config;
  const Entry* database = nullptr;
  const Entry* collectors = nullptr;
};

void accept_any(Reader&, const Entry&, Draft&) {}

constexpr Key<Draft> kKeys[] = {
    {"state_dir",
     [](Reader& r, const Entry& e, Draft& d) { assign(d.config.state_dir, r.path(e)); }},
    {"database", [](Reader&, const Entry& e, Draft& d) { d.database = &e; }},
    {"collection",
     [](Reader& r, const Entry& e, Draft& d) { read_collection(r, e, d.config.collection); }},
    {"http", [](Reader& r, const Entry& e, Draft& d) { read_http(r, e, d.config.http); }},
    {"plugin_dirs",
     [](Reader& r, const Entry& e, Draft& d) { assign(d.config.plugin_dirs, r.paths(e)); }},
    {"device", [](Reader& r, const Entry& e, Draft& d) { assign(d.config.device, r.text(e)); }},
    {"tags", [](Reader& r, const Entry& e, Draft& d) { assign(d.config.tags, r.tags(e)); }},
    {"log",
     [](Reader& r, const Entry& e, Draft& d) {
       static constexpr Key<Config> kLogKeys[] = {
           {"level", [](Reader& reader, const Entry& entry, Config& config) {
              assign(config.log_level, reader.choice(entry, {"debug", "info", "warn", "error"}));
            }}};
       r.section(e, kLogKeys, d.config);
     }},
    {"pipeline",
     [](Reader& r, const Entry& e, Draft& d) {
       read_pipeline(e, PipelineLevel::global, d.config.pipeline, r.diagnostics());
     }},
    {"collectors", [](Reader&, const Entry& e, Draft& d) { d.collectors = &e; }},
    {"cache", [](Reader& r, const Entry& e, Draft&) { check_cache(r, e); }, true},
    {"retention", [](Reader& r, const Entry& e, Draft&) { check_retention(r, e); }, true},
    {"storages", accept_any, true},
    {"datasets", accept_any, true},
    {"alerts", accept_any, true},
};

// A list of a collector that would run nowhere.
void check_pipelines(const Config& config, Diagnostics& diagnostics) {
  const auto& stages = config.pipeline.stages;
  const bool has_place = std::any_of(stages.begin(), stages.end(), [](const StageSpec& stage) {
    return stage.name == kCollectorStages;
  });
  for (const auto& collector : config.collectors) {
    if (!collector.pipeline.written || has_place) continue;
    diagnostics.error(collector.pipeline.location,
                      "pipeline: it would run nowhere, as the global `pipeline` does not have the "
                      "word `collector` in its list; add it where these stages belong");
  }
}

// Lays one file over the tree. Says what is wrong, and leaves the tree as it is then.
void load_file(const fs::path& file, Node& root, Sources& sources, Diagnostics& diagnostics) {
  auto text = read_file(file, kLargestFile);
  if (!text) {
    return diagnostics.error({file.string()},
                             fmt::format("the configuration {}", text.error().message));
  }
  if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
  const auto& source = sources.add(file.string(), std::move(*text));
  auto node = parse_yaml(source, diagnostics);
  if (!node || node->kind == Node::Kind::null) return;
  if (node->kind != Node::Kind::mapping) {
    return diagnostics.error(node->place.location(),
                             "the configuration must be a mapping: `key: value` lines");
  }
  merge_over(root, std::move(*node));
}

void load_folder(const fs::path& folder, Node& root, Sources& sources, Diagnostics& diagnostics) {
  const auto files = list_yaml(folder);
  if (!files) return diagnostics.error({folder.string()}, files.error().message);
  for (const auto& file : *files) load_file(file, root, sources, diagnostics);
}

void take_database_url(const Environment& environment, const Draft& draft, Reader& reader,
                       Diagnostics& diagnostics, db::DatabaseConfig& database) {
  const auto url = environment.find(kUrlVariable);
  if (url == environment.end() || url->second.empty()) return;
  if (draft.database != nullptr && draft.database->value.kind != Node::Kind::null) {
    reader.warning(draft.database->key_place,
                   fmt::format("{} is set but not used: `database` goes before it", kUrlVariable));
    return;
  }
  auto parsed = parse_database_url(url->second);
  if (parsed) {
    database = std::move(*parsed);
  } else {
    diagnostics.error({fmt::format("environment variable {}", kUrlVariable)},
                      parsed.error().message);
  }
}

Config read_tree(const Node& root, const fs::path& base, const Environment& environment,
                 Diagnostics& diagnostics) {
  Reader reader(base, diagnostics);
  Draft draft;
  draft.config.pipeline.stages = default_pipeline();
  reader.mapping(root, "the configuration", kKeys, draft);
  auto& config = draft.config;

  config.database.path = kDefaultDatabase;
  if (draft.database != nullptr) read_database(reader, *draft.database, config.database);
  take_database_url(environment, draft, reader, diagnostics, config.database);
  config.database.path = (config.state_dir / config.database.path).lexically_normal();

  if (draft.collectors != nullptr) {
    read_collectors(reader, *draft.collectors, config.collection, config.collectors);
  }
  check_pipelines(config, diagnostics);
  return std::move(config);
}

}  // namespace

LoadOutcome load_config(const fs::path& file, const Environment& environment) {
  LoadOutcome outcome;
  Diagnostics diagnostics;
  std::error_code error;
  const auto base = fs::absolute(file, error).parent_path();

  Node root;
  root.kind = Node::Kind::mapping;
  load_file(file, root, outcome.sources, diagnostics);
  load_folder(file.parent_path() / "conf.d", root, outcome.sources, diagnostics);
  expand_references(root, environment, diagnostics);
  auto config = read_tree(root, base, environment, diagnostics);

  outcome.diagnostics = diagnostics.take(outcome.sources);
  const bool good = std::none_of(
      outcome.diagnostics.begin(), outcome.diagnostics.end(),
      [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::error; });
  if (good) outcome.config = std::move(config);
  return outcome;
}

}  // namespace unity::host
