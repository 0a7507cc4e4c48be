// `unity plugin check`: runs the rules over one plugin, each in a process of its own, and reports.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "check/schedule/run_checks.hpp"
#include "commands/support.hpp"

namespace unity::host {
namespace {

using check::Rule;

int usage(const std::string& text) {
  std::cerr << "unity: " << text << "\n";
  return kExitUsage;
}

// Beside this program as it is built, or where it is installed.
std::filesystem::path find_checker() {
  std::error_code error;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  const auto built = folder / "unity-check";
  const auto installed = folder / ".." / "libexec" / "unity" / "unity-check";
  return std::filesystem::exists(built) ? built : installed.lexically_normal();
}

// The words of --only or --exclude, each of which must mean some rule.
Result<void> check_words(const std::vector<std::string>& words) {
  for (const auto& word : words) {
    const auto rules = check::all_rules();
    if (std::none_of(rules.begin(), rules.end(),
                     [&](const Rule& rule) { return check::selects(word, rule); })) {
      return Error{
          Errc::invalid,
          fmt::format("there is no rule or group \"{}\"; `unity plugin check --list` shows "
                      "them",
                      word)};
    }
  }
  return {};
}

std::vector<const Rule*> select_rules(const PluginCheckOptions& options) {
  const auto any = [](const std::vector<std::string>& words, const Rule& rule) {
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return check::selects(word, rule); });
  };
  std::vector<const Rule*> rules;
  for (const auto& rule : check::all_rules()) {
    if (!options.only.empty() && !any(options.only, rule)) continue;
    if (!any(options.exclude, rule)) rules.push_back(&rule);
  }
  return rules;
}

Result<json::Value> read_config(const std::filesystem::path& path) {
  if (path.empty()) return json::Value();
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Errc::not_found, fmt::format("cannot read {}", path.string())};
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto value = json::parse(text);
  if (!value) {
    return Error{Errc::invalid, fmt::format("{} is {}", path.string(), value.error().message)};
  }
  return value;
}

int list_rules() {
  char group = 0;
  for (const auto& rule : check::all_rules()) {
    if (rule.group() != group) print(fmt::format("{}\n", check::group_title(rule.group())));
    group = rule.group();
    print(fmt::format("  {:<4} {:<22} {}\n", rule.id, rule.name, rule.meaning));
  }
  print("Left out\n");
  for (const auto& one : check::left_out()) print(fmt::format("  {}: {}\n", one.what, one.why));
  return kExitDone;
}

int show(const check::Report& report, const PluginCheckOptions& options) {
  if (!options.junit.empty()) {
    std::ofstream out(options.junit, std::ios::binary);
    out << check::to_junit(report);
    if (!out.flush()) {
      return host::report(
          {Errc::unavailable, fmt::format("cannot write {}", options.junit.string())});
    }
  }
  print(options.json ? check::to_json(report) : check::summary_text(report));
  return report.count(check::Verdict::fail) == 0 ? kExitDone : kExitDifferences;
}

}  // namespace

int plugin_check_command(const PluginCheckOptions& options) {
  if (options.list) return list_rules();
  if (options.file.empty()) return usage("name a plugin: unity plugin check FILE.so");
  for (const auto* words : {&options.only, &options.exclude}) {
    if (const auto known = check_words(*words); !known) return usage(known.error().message);
  }
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(options.file, error))) {
    return report({Errc::not_found,
                   fmt::format("cannot check {}: there is no such file", options.file.string())});
  }
  auto config = read_config(options.config);
  if (!config) return usage(config.error().message);
  Duration fuzz{};
  if (!options.fuzz.empty()) {
    const auto parsed = parse_duration(options.fuzz);
    if (!parsed)
      return usage(fmt::format("--fuzz \"{}\" is no duration such as 10m", options.fuzz));
    fuzz = *parsed;
  }

  check::RunPlan plan;
  plan.checker = find_checker();
  plan.plugin = options.file;
  plan.rules = select_rules(options);
  plan.strict = options.strict;
  plan.options.config = std::move(*config);
  plan.options.fuzz = fuzz;
  plan.options.reproduce = options.reproduce.has_value();
  plan.options.seed = options.reproduce.value_or(options.seed.value_or(
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) ^
      static_cast<std::uint64_t>(::getpid())));
  if (!options.json) {
    plan.told = [](const check::RuleResult& result) { print(check::to_text(result)); };
  }
  const auto done = check::run_checks(plan);
  if (!done) return report(done.error());
  return show(*done, options);
}

}  // namespace unity::host
