#include "unity/core/processors/registry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "only_when.hpp"
#include "stages.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity {
namespace {

struct StageType {
  std::string_view name;
  StageMaker (*read)(Options&);
};

// A new stage is one line here.
// clang-format off
constexpr StageType kStages[] = {
    {"cardinality", read_cardinality},
    {"cast", read_cast},
    {"convert", read_convert},
    {"dedup", read_dedup},
    {"derive", read_derive},
    {"enrich", read_enrich},
    {"enum", read_enum_map},
    {"filter", read_filter},
    {"nulls", read_nulls},
    {"rate", read_rate},
    {"regex", read_regex},
    {"rename", read_rename},
    {"round", read_round},
    {"scale", read_scale},
    {"summary", read_summary},
    {"timestamp", read_timestamp},
    {"validate", read_validate},
};
// clang-format on

// Storage has no use for a record in which nothing is known. Ends every whole pipeline.
class DropEmpty : public Processor {
 public:
  Verdict process(Record& record, const RunContext&) override {
    const bool empty = std::all_of(record.fields.begin(), record.fields.end(), [](const Field& f) {
      return std::holds_alternative<std::monostate>(f.value);
    });
    return empty ? Verdict::drop("empty") : Verdict::keep();
  }
};

// Reads the entries of one list, one after the other.
class ListReader {
 public:
  ListReader(PipelineLevel level, std::vector<Problem>& problems)
      : level_(level), problems_(problems) {}

  void entry(const json::Value& entry, const std::string& pointer) {
    static const json::Value none;
    if (const auto* name = entry.string()) return stage(*name, none, pointer, false);
    const auto* members = entry.object();
    if (members == nullptr || members->size() != 1) {
      return complain(pointer, false,
                      "a stage is its name, or one mapping `name: {options}` with nothing beside "
                      "the name");
    }
    const auto& [name, options] = members->front();
    const auto inner = pointer + '/' + pointer_step(name);
    if (options.object() == nullptr && !options.is_null()) {
      return complain(inner, false, fmt::format("the options of `{}` must be a mapping", name));
    }
    stage(name, options, inner, true);
  }

  PipelineSpec take() { return std::move(spec_); }

 private:
  void stage(const std::string& name, const json::Value& options, const std::string& pointer,
             bool at_key) {
    if (name == kCollectorStages) return collector(pointer);
    for (const auto& type : kStages) {
      if (type.name != name) continue;
      StageSpec spec{name, level_, pointer, {}, {}};
      Options in(options, level_, pointer, problems_);
      spec.make = type.read(in);
      spec.select = read_selector(in);
      in.finish();
      spec_.push_back(std::move(spec));
      return;
    }
    auto known = stage_names();
    if (level_ == PipelineLevel::global) known.emplace_back(kCollectorStages);
    const auto near = nearest(name, known);
    complain(pointer, at_key,
             fmt::format("there is no stage `{}`; {}", name,
                         near ? fmt::format("did you mean `{}`?", *near)
                              : fmt::format("stages are {}", fmt::join(known, ", "))));
  }

  void collector(const std::string& pointer) {
    if (level_ == PipelineLevel::collector) {
      return complain(pointer, false,
                      "`collector` stands in the global `pipeline:`, for this list itself");
    }
    if (std::exchange(collector_seen_, true)) {
      return complain(pointer, false, "`collector` can stand in the list once only");
    }
    spec_.push_back({std::string(kCollectorStages), level_, pointer, {}, {}});
  }

  void complain(const std::string& pointer, bool at_key, std::string message) {
    problems_.push_back({level_, pointer, at_key, std::move(message)});
  }

  PipelineLevel level_;
  std::vector<Problem>& problems_;
  PipelineSpec spec_;
  bool collector_seen_ = false;
};

// Makes the stages of one instance in their order.
class Maker {
 public:
  Maker(const StageContext& context, std::vector<Problem>& problems)
      : context_(context), problems_(problems) {
    if (context.manifest) shapes_ = {context.manifest, &context.manifest->metrics};
  }

  void add(const StageSpec& spec) {
    if (!spec.select.takes_instance(*context_.origin)) return;
    StageBuild build(context_, shapes_, spec.select, spec.level, spec.pointer, problems_);
    if (build.metrics().empty() && !spec.select.metric.empty()) {
      build.complain("select/metric", fmt::format("no metric has such a name: {}",
                                                  fmt::join(spec.select.metric.patterns(), ", ")));
      return;
    }
    std::optional<MetricExpressions> when;  // compiled before the stage changes what it speaks of
    if (spec.select.when) {
      when = compile_when(build, *spec.select.when);
      if (!when) return;
    }
    auto processor = spec.make(build);
    if (processor == nullptr) return;
    if (when) processor = only_when(std::move(*when), std::move(processor));
    stages_.push_back({spec.name, std::move(processor), spec.select});
  }

  Pipeline take() {
    Pipeline pipeline(context_.origin, std::move(stages_));
    const bool names_device = context_.collector != nullptr && context_.collector->many_devices;
    std::vector<RowMaker> makers;
    for (const auto& dataset : context_.datasets) {
      std::vector<DatasetProblem> none;  // they were checked when the configuration was read
      if (auto maker = RowMaker::make(dataset, none)) makers.push_back(std::move(*maker));
    }
    pipeline.fill_datasets(std::move(makers));
    if (context_.manifest) pipeline.take_rows(context_.manifest, names_device);
    return pipeline;
  }

  void drop_empty() { stages_.push_back({"empty", std::make_unique<DropEmpty>()}); }

 private:
  const StageContext& context_;
  std::vector<Problem>& problems_;
  RecordShapes shapes_ = std::make_shared<const std::vector<MetricSpec>>();
  std::vector<Pipeline::Stage> stages_;
};

json::Array words(std::initializer_list<std::string_view> names) {
  json::Array list;
  for (const auto name : names) list.emplace_back(name);
  return list;
}

}  // namespace

PipelineSpec read_pipeline(const json::Value& list, PipelineLevel level,
                           std::vector<Problem>& problems) {
  const auto* entries = list.array();
  if (entries == nullptr) {
    problems.push_back({level, "", false, "`pipeline` must be a list of stages: `- name` lines"});
    return {};
  }
  ListReader reader(level, problems);
  for (std::size_t i = 0; i < entries->size(); ++i) {
    reader.entry((*entries)[i], fmt::format("/{}", i));
  }
  return reader.take();
}

const PipelineSpec& default_pipeline() {
  static const PipelineSpec spec = [] {
    std::vector<Problem> none;
    return read_pipeline(
        words({"validate", "timestamp", "rate", kCollectorStages, "enrich", "summary"}),
        PipelineLevel::global, none);
  }();
  return spec;
}

Pipeline make_pipeline(const StageContext& context, const PipelineSpec& global,
                       const PipelineSpec& own, std::vector<Problem>& problems) {
  Maker maker(context, problems);
  for (const auto& spec : global) {
    if (spec.name != kCollectorStages) {
      maker.add(spec);
      continue;
    }
    for (const auto& own_spec : own) maker.add(own_spec);
  }
  maker.drop_empty();
  return maker.take();
}

Pipeline make_pipeline(const StageContext& context, std::initializer_list<std::string_view> only) {
  std::vector<Problem> none;
  if (only.size() == 0) return make_pipeline(context, default_pipeline(), {}, none);
  Maker maker(context, none);
  for (const auto& spec : read_pipeline(words(only), PipelineLevel::global, none)) maker.add(spec);
  return maker.take();
}

std::vector<std::string> stage_names() {
  std::vector<std::string> names;
  for (const auto& type : kStages) names.emplace_back(type.name);
  return names;
}

}  // namespace unity
