// E28, E29, E35, E36: several instances, several threads, and the pointers between them.
#include <future>
#include <thread>

#include "check/behaviour/rules.hpp"
#include "check/behaviour/stage.hpp"
#include "unity/core/json/schema.hpp"

namespace unity::check {
namespace {

constexpr int kRounds = 10;

// A text option that takes any word, to mark whose output is whose.
std::optional<std::string> marked_config(const Subject& subject, const std::string& marker) {
  const auto& schema = subject.collector.spec->config_schema;
  const auto* properties = schema.find("properties");
  const auto compiled = json::Schema::compile(schema);
  if (properties == nullptr || properties->object() == nullptr || !compiled) return std::nullopt;
  for (const auto& [name, property] : *properties->object()) {
    auto config = json::parse(subject.config);
    if (!config || property.find("$ref") != nullptr) continue;
    config->set(name, marker);
    if (compiled->check(*config).empty()) return json::dump(*config);
  }
  return std::nullopt;
}

bool mentions(const Outcome& outcome, const std::string& word) {
  if (outcome.failure && outcome.failure->message.find(word) != std::string::npos) return true;
  return std::any_of(outcome.batches.begin(), outcome.batches.end(), [&](const Batch& batch) {
    return batch.data.find(word) != std::string::npos;
  });
}

// One instance's life on this thread; what it says must not be about the other.
void live_beside(const Subject& subject, const std::string& name, const std::string& config,
                 const std::vector<std::string>& words_of_other, Findings& findings) {
  Instance instance(subject.collector, name, config);
  const auto look = [&](const Outcome& outcome) {
    for (const auto& word : words_of_other) {
      if (mentions(outcome, word)) {
        findings.fail("{}: what instance \"{}\" says is about the other: it holds \"{}\"",
                      subject.collector.name, name, word);
      }
    }
  };
  look(instance.create());
  const int rounds = subject.collector.streaming() ? 2 : kRounds;
  for (int i = 0; i < rounds && instance.made(); ++i) look(instance.work());
}

void run_beside(const Subject& subject, const std::string& first, const std::string& second,
                bool marked, Findings& findings) {
  // Names and options that occur nowhere else, so that they cannot be in the output by chance.
  std::vector<std::string> of_first{"first-7c1e"}, of_second{"second-9d2f"};
  if (marked) {
    of_first.emplace_back("mark-a41b");
    of_second.emplace_back("mark-b52c");
  }
  Findings theirs[2];
  {
    const std::jthread one([&] { live_beside(subject, of_first[0], first, of_second, theirs[0]); });
    const std::jthread two(
        [&] { live_beside(subject, of_second[0], second, of_first, theirs[1]); });
  }
  for (const auto& one : theirs) {
    for (const auto& finding : one.all()) findings.add(finding.verdict, finding.text);
  }
}

}  // namespace

void check_life_together(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    run_beside(subject, subject.config, subject.config, false, findings);
    const auto first = marked_config(subject, "mark-a41b");
    const auto second = marked_config(subject, "mark-b52c");
    if (first && second) run_beside(subject, *first, *second, true, findings);
    // One after the other as well: what the first left behind must not reach the second.
    Instance elder(subject.collector, "elder", subject.config);
    Instance younger(subject.collector, "younger", subject.config);
    if (!create_or_skip(elder, findings) || !create_or_skip(younger, findings)) return;
    const bool works = elder.work().good();
    (void)younger.work();
    (void)elder.work();
    younger.destroy();
    if (const auto outcome = elder.work(); works && !outcome.good()) {
      findings.fail("{}: when another instance was destroyed it fails with {}",
                    subject.collector.name, outcome.text());
    }
  });
  World::get().breaches.report(Breach::crosstalk, findings);
}

void check_life_threads(const Context& context, Findings& findings) {
  for_each_subject(context, findings, [&](const Subject& subject) {
    const auto usual = live(subject);
    if (!usual.made || !usual.last().good()) {
      return findings.skip(
          "{}: it fails with {} on one thread already; give options with which it "
          "works by --config",
          subject.collector.name, usual.last().text());
    }
    Instance instance(subject.collector, "one", subject.config);
    // All of them stay alive: the next thread must not look like one that is gone.
    std::promise<void> over;
    const auto until_over = over.get_future().share();
    std::vector<std::thread> threads;
    const auto on_a_thread = [&](auto call) {
      std::promise<void> done;
      threads.emplace_back([&call, &done, until_over] {
        call();
        done.set_value();
        until_over.wait();
      });
      done.get_future().wait();
    };
    const auto elsewhere = [&](const char* what, auto call) {
      Outcome outcome;
      on_a_thread([&] { outcome = call(); });
      if (!outcome.good()) {
        findings.fail("{}: {} on a thread of its own fails with {}", subject.collector.name, what,
                      outcome.text());
      }
    };
    elsewhere("create()", [&] { return instance.create(); });
    for (int i = 0; i < 3 && instance.made(); ++i) {
      elsewhere("a run", [&] { return instance.work(); });
    }
    on_a_thread([&] { instance.destroy(); });
    over.set_value();
    for (auto& thread : threads) thread.join();
  });
}

void check_pointers(const Context& context, Findings& findings) {
  for_each_subject(context, findings,
                   [&](const Subject& subject) { live_well_and_badly(subject, findings); });
  World::get().breaches.report(Breach::pointer, findings);
}

void check_thread_marks(const Context& context, Findings& findings) {
  for_each_subject(context, findings,
                   [&](const Subject& subject) { live_well_and_badly(subject, findings); });
  World::get().breaches.report(Breach::thread, findings);
}

}  // namespace unity::check
