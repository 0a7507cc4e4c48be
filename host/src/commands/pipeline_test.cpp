// `unity pipeline test`: recorded records through the stages that the configuration gives an
// instance, without a host or a database.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "app/instances.hpp"
#include "commands/support.hpp"
#include "config/files.hpp"
#include "unity/core/json/record_writer.hpp"
#include "unity/core/processors/registry.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kFileSizeMax = std::size_t{64} << 20;
// When the first run begins: records without a time must come out alike each time.
constexpr Time kFirstRun{std::chrono::sys_days(std::chrono::year(2000) / 1 / 1)};

// What became of each record, as lines of JSON in the order of the records.
class Outcome : public PipelineObserver {
 public:
  explicit Outcome(std::size_t stages) : stages_(stages) {}

  std::vector<std::string> lines;

  void read(const Record&) override {}
  void unreadable(const RejectedRecord& rejected) override {
    add({{"rejected", rejected.reason}, {"detail", rejected.detail}, {"text", rejected.payload}});
  }
  void passed(std::size_t number, const std::string& stage, const Record& record,
              const Verdict& verdict) override {
    const auto json = json::to_json(record);
    switch (verdict.action) {
      case Verdict::Action::keep:
        if (number == stages_) lines.push_back(json);
        break;
      case Verdict::Action::drop:
        add({{"dropped", verdict.reason}, {"stage", stage}, {"record", *json::parse(json)}});
        break;
      case Verdict::Action::reject:
        add({{"rejected", verdict.reason},
             {"stage", stage},
             {"detail", verdict.detail},
             {"record", *json::parse(json)}});
        break;
    }
  }

 private:
  void add(json::Object line) { lines.push_back(json::dump(std::move(line))); }

  std::size_t stages_;
};

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t\r") == line.npos; }

// One emission for each run; an empty line ends a run.
std::vector<Emission> to_runs(const std::string& text) {
  std::vector<Emission> runs(1);
  for (const auto& line : split_lines(text)) {
    if (!is_blank(line)) {
      runs.back().text += line + '\n';
    } else if (!runs.back().text.empty()) {
      runs.emplace_back();
    }
  }
  return runs;
}

bool is_equal(const std::string& one, const std::string& other) {
  const auto left = json::parse(one);
  const auto right = json::parse(other);
  return left && right ? *left == *right : one == other;
}

int compare(const std::vector<std::string>& got, const std::string& expected_text) {
  auto expected = split_lines(expected_text);
  std::erase_if(expected, is_blank);
  std::string report;
  int differences = 0;
  for (std::size_t i = 0; i < std::max(got.size(), expected.size()); ++i) {
    const auto* is = i < got.size() ? &got[i] : nullptr;
    const auto* should = i < expected.size() ? &expected[i] : nullptr;
    if (is != nullptr && should != nullptr && is_equal(*is, *should)) continue;
    ++differences;
    report += fmt::format("record {}:\n", i + 1);
    report += fmt::format("  expected: {}\n", should != nullptr ? *should : "nothing");
    report += fmt::format("  got:      {}\n", is != nullptr ? *is : "nothing");
  }
  print(report);
  if (differences == 0) {
    print(fmt::format("{} records came out as expected\n", got.size()));
    return kExitDone;
  }
  print(
      fmt::format("{} of {} records differ\n", differences, std::max(got.size(), expected.size())));
  return kExitDifferences;
}

}  // namespace

int pipeline_test_command(const CommonOptions& common, const PipelineTestOptions& options) {
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto& config = *loaded->config;
  const auto plugins = scan_plugins(plugin_dirs(config));
  if (!plugins) return report(plugins.error());
  Diagnostics diagnostics;
  const auto plans = plan_instances(config, *plugins, diagnostics);
  if (const auto mistakes = diagnostics.take(loaded->sources); !mistakes.empty()) {
    std::cerr << render(mistakes, loaded->sources);
    return kExitBadConfig;
  }
  const auto plan = std::find_if(plans.begin(), plans.end(), [&](const InstancePlan& one) {
    return one.config->id == options.instance;
  });
  if (plan == plans.end()) {
    return report({Errc::not_found, fmt::format("the configuration has no enabled collector \"{}\"",
                                                options.instance)});
  }
  const auto text = read_file(options.records, kFileSizeMax);
  if (!text)
    return report({text.error().code, fmt::format("cannot read the records: {}: {}",
                                                  options.records.string(), text.error().message)});

  auto pipeline = make_instance_pipeline(config, *plan, device_name(config),
                                         std::make_shared<const Manifest>(plan->plugin->manifest));
  Outcome outcome(pipeline.stage_names().size());
  RunContext context{kFirstRun, Instant(std::chrono::hours(1))};
  for (const auto& run : to_runs(*text)) {
    pipeline.process({run}, context, &outcome);
    context.started += std::chrono::floor<std::chrono::microseconds>(plan->interval);
    context.began += plan->interval;
  }
  if (options.expect.empty()) {
    for (const auto& line : outcome.lines) print(line + "\n");
    return kExitDone;
  }
  const auto expected = read_file(options.expect, kFileSizeMax);
  if (!expected)
    return report(
        {expected.error().code, fmt::format("cannot read what is expected: {}: {}",
                                            options.expect.string(), expected.error().message)});
  return compare(outcome.lines, *expected);
}

}  // namespace unity::host
