#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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
constexpr const char* kUrlVariable = "DATABASE_URL";

// What is known while the top level is read. Some sections wait for others.
struct Draft {
  Config config;
  const Entry* database = nullptr;
  const Entry* storages = nullptr;
  const Entry* collectors = nullptr;
  const Entry* secrets = nullptr;
};

void accept_any(Reader&, const Entry&, Draft&) {}

constexpr Key<Draft> kKeys[] = {
    {"state_dir",
     [](Reader& r, const Entry& e, Draft& d) { assign(d.config.state_dir, r.path(e)); }},
    {"database", [](Reader&, const Entry& e, Draft& d) { d.database = &e; }},
    {"storages", [](Reader&, const Entry& e, Draft& d) { d.storages = &e; }},
    {"spool", [](Reader& r, const Entry& e, Draft& d) { read_spool(r, e, d.config.spool); }},
    {"collection",
     [](Reader& r, const Entry& e, Draft& d) { read_collection(r, e, d.config.collection); }},
    {"http", [](Reader& r, const Entry& e, Draft& d) { read_http(r, e, d.config.http); }},
    {"watch", [](Reader& r, const Entry& e, Draft& d) { read_watch(r, e, d.config.watch); }},
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
    {"secrets", [](Reader&, const Entry& e, Draft& d) { d.secrets = &e; }},
    {"collectors", [](Reader&, const Entry& e, Draft& d) { d.collectors = &e; }},
    {"cache", [](Reader& r, const Entry& e, Draft&) { check_cache(r, e); }, true},
    {"retention",
     [](Reader& r, const Entry& e, Draft& d) { read_retention(r, e, d.config.retention); }},
    {"datasets", [](Reader& r, const Entry& e,
                    Draft& d) { read_datasets(e, d.config.datasets, r.diagnostics()); }},
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

bool is_written(const Entry* entry) {
  return entry != nullptr && entry->value.kind != Node::Kind::null;
}

void take_database_url(const Environment& environment, const Draft& draft, Reader& reader,
                       Diagnostics& diagnostics, db::DatabaseConfig& database) {
  const auto url = environment.find(kUrlVariable);
  if (url == environment.end() || url->second.empty()) return;
  for (const auto* entry : {draft.database, draft.storages}) {
    if (!is_written(entry)) continue;
    return reader.warning(
        entry->key_place,
        fmt::format("{} is set but not used: `{}` goes before it", kUrlVariable, entry->key));
  }
  auto parsed = parse_database_url(url->second);
  if (parsed) {
    database = std::move(*parsed);
  } else {
    diagnostics.error({fmt::format("environment variable {}", kUrlVariable)},
                      parsed.error().message);
  }
}

// `database` is the one-entry form of `storages`.
void read_all_storages(Reader& reader, const Draft& draft, std::vector<StorageConfig>& storages,
                       const CollectionConfig& collection) {
  auto& only = storages.front();
  only.batch_size = collection.batch_size;
  only.batch_timeout = collection.batch_timeout;
  only.database.path = default_database_path(only);
  if (draft.database != nullptr) read_database(reader, *draft.database, only.database);
  if (!is_written(draft.storages)) return;
  if (is_written(draft.database)) {
    reader.error(draft.storages->key_place,
                 fmt::format("`storages` and `database` (at {}) are two ways to say the same; move "
                             "what `database` says into an entry of `storages`",
                             draft.database->key_place.location().text()));
  }
  read_storages(reader, *draft.storages, collection, storages);
}

// Two adapters on one file would wait for each other, and store everything twice.
void check_paths(const std::vector<StorageConfig>& storages, Diagnostics& diagnostics) {
  std::map<std::filesystem::path, std::string> files;
  for (const auto& storage : storages) {
    if (storage.database.type != "sqlite") continue;
    std::error_code ignored;
    auto file = fs::weakly_canonical(storage.database.path, ignored);
    if (ignored) file = storage.database.path;
    const auto [first, is_new] = files.emplace(file, storage.id);
    if (is_new) continue;
    diagnostics.error(
        storage.location,
        fmt::format("storage `{}` has the same file {} as storage `{}`; give each its "
                    "own `path`",
                    storage.id, file.string(), first->second));
  }
}

Config read_tree(const Node& root, const fs::path& base, const Environment& environment,
                 Diagnostics& diagnostics) {
  Reader reader(base, diagnostics);
  Draft draft;
  draft.config.pipeline.stages = default_pipeline();
  reader.mapping(root, "the configuration", kKeys, draft);
  auto& config = draft.config;

  read_all_storages(reader, draft, config.storages, config.collection);
  const auto& raw_metrics = config.retention.keep.raw_metrics;
  if (draft.database != nullptr) check_retention_days(reader, draft.database->value, raw_metrics);
  if (draft.storages != nullptr) {
    for (const auto& item : draft.storages->value.items) {
      check_retention_days(reader, item, raw_metrics);
    }
  }
  take_database_url(environment, draft, reader, diagnostics, config.storages.front().database);
  for (auto& storage : config.storages) {
    auto& path = storage.database.path;
    path = (config.state_dir / path).lexically_normal();
  }
  check_paths(config.storages, diagnostics);
  config.spool.path = (config.state_dir / config.spool.path).lexically_normal();

  if (draft.secrets != nullptr) {
    read_secrets(reader, *draft.secrets, environment, config.secrets);
  }
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
  if (good || root.find("state_dir") != nullptr) outcome.state_dir = config.state_dir;
  if (good) outcome.config = std::move(config);
  return outcome;
}

}  // namespace unity::host
