#include "app/reload.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/instances.hpp"
#include "log/log.hpp"
#include "runtime/thread.hpp"

namespace unity::host {
namespace {

using Action = InstanceStep::Action;

const InstanceShape* find_instance(const HostShape& host, std::string_view id) {
  for (const auto& shape : host.instances) {
    if (shape.id == id) return &shape;
  }
  return nullptr;
}

// Other code must prove itself, and so must what it is allowed to do; other options are an
// operator's wish, unless they came with the code.
bool goes_on_trial(const InstanceStep& step, const HostShape& running, const HostShape& next) {
  if (step.action != Action::replace || !step.new_collector()) return false;
  if (step.cost == ChangeCost::code) return true;
  return find_instance(running, step.id)->hash != find_instance(next, step.id)->hash;
}

std::string options_of(std::string_view id, const std::vector<InstancePlan>& plans) {
  const auto found = std::find_if(plans.begin(), plans.end(),
                                  [&](const InstancePlan& plan) { return plan.config->id == id; });
  return found != plans.end() ? found->options : std::string();
}

// The instances that the plan touches, with only those parts that are made anew.
Result<std::vector<InstanceChange>> make_changes(const Prepared& prepared, const ReloadPlan& plan,
                                                 const HostShape& running, const HostShape& next,
                                                 PluginHost& plugins) {
  std::vector<InstancePlan> touched;
  for (const auto& one : prepared.plans) {
    if (plan.find(one.config->id)->action != Action::keep) touched.push_back(one);
  }
  const auto& config = *prepared.loaded.config;
  std::vector<InstanceChange> changes;
  for (const auto& step : plan.instances) {
    if (step.action != Action::stop) continue;
    auto& change = changes.emplace_back();
    change.kind = InstanceChange::Kind::remove;
    change.instance.id = step.id;
  }
  if (auto joined = plugins.join_pool(prepared.plans); !joined) return std::move(joined).error();
  auto made = make_instances(config, touched, device_name(config), plugins);
  if (!made) return std::move(made).error();
  for (auto& instance : *made) {
    const auto& step = *plan.find(instance.id);
    if (!step.new_collector()) instance.collector.reset();
    if (!step.new_pipeline()) instance.pipeline.reset();
    auto& change = changes.emplace_back();
    change.kind =
        step.action == Action::start ? InstanceChange::Kind::add : InstanceChange::Kind::replace;
    change.instance = std::move(instance);
    change.forget = !step.keeps_memory();
    if (step.only_options()) change.options = options_of(change.instance.id, touched);
    change.on_trial = goes_on_trial(step, running, next);
  }
  return changes;
}

Error refused(const ReloadPlan& plan) {
  return {Errc::refused, fmt::format("nothing was changed: {}, which needs a new start of the host",
                                     fmt::join(plan.settings_of(ChangeCost::refused), ", "))};
}

// What happened belongs into the log, whoever asked for it: a line for each that did not stay.
void log_plan(const ReloadPlan& plan) {
  const auto text = to_text(plan);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto begin = rest.find_first_not_of(' ');
    log_info("reloaded: {}", rest.substr(begin, end - begin));
    rest.remove_prefix(end + 1);
  }
}

// Why what runs is not what the files say, in a sentence; empty if it is.
std::string problem_of(const Result<ReloadOutcome>& result) {
  if (!result) {
    return fmt::format("the host goes on as it was, its files say otherwise: {}",
                       result.error().message);
  }
  if (result->valid) return {};
  const auto wrong = std::find_if(result->mistakes.begin(), result->mistakes.end(),
                                  [](const auto& one) { return one.severity == Severity::error; });
  if (wrong == result->mistakes.end()) return {};
  return fmt::format(
      "the host goes on as it was, the configuration has mistakes (`unity check-config` shows "
      "all): {}: {}",
      wrong->location.text(), wrong->message.substr(0, wrong->message.find('\n')));
}

}  // namespace

// What the thread is given and what it finds.
struct Reloader::Work {
  std::filesystem::path file;
  Environment environment;
  HostShape running;
  std::map<std::string, std::string> rejected;
  ReloadCause cause = ReloadCause::asked;
  bool dry_run = false;
  Done done;

  Prepared prepared;
  HostShape next;
  ReloadPlan plan;
  Result<void> loaded;  // the plugins' code
  // Collectors that stay as they are, or are not started, and why; files that did not survive their
  // first contact.
  std::vector<LeftOut> left_out;
  std::map<std::string, std::string> newly_rejected;
};

Reloader::Reloader(EventLoop& loop, std::filesystem::path file, HostShape running,
                   PluginHost& plugins, Apply apply, Notices notices)
    : loop_(loop),
      file_(std::move(file)),
      running_(std::move(running)),
      plugins_(plugins),
      apply_(std::move(apply)),
      notices_(std::move(notices)) {}

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

void Reloader::reload(ReloadCause cause, bool dry_run, Done done) {
  if (busy()) {
    if (cause == ReloadCause::files) {
      again_ = true;
      return;
    }
    return done(Error{Errc::refused, "a reload is under way; try again when it has ended"});
  }
  auto work = std::make_shared<Work>();
  work->cause = cause;
  work->dry_run = dry_run;
  work->done = std::move(done);
  start(std::move(work));
}

void Reloader::start(std::shared_ptr<Work> work) {
  if (thread_.joinable()) thread_.join();  // it has posted its end
  work_ = std::move(work);
  work_->file = file_;
  work_->environment = environment_;
  work_->running = running_;
  work_->rejected = rejected_;
  thread_ = start_thread([this, work = work_] {
    read(*work, plugins_);
    loop_.post([this] { conclude(); });
  });
}

void Reloader::read(Work& work, PluginHost& plugins) {
  const bool lenient = work.cause == ReloadCause::files;
  decltype(ComingAndGoing::is_new) is_new;
  if (lenient) {
    is_new = [&work](const std::string& id, const PluginFile& file) {
      const auto* running = find_instance(work.running, id);
      return running != nullptr && running->hash != to_hex(file.hash);
    };
  }
  work.prepared = prepare(work.file, load_config(work.file, work.environment), std::move(is_new));
  if (!work.prepared.usable()) return;
  if (!work.dry_run && !lenient) work.loaded = plugins.load(work.prepared.plans);
  leave_out_unusable(work, plugins);
  const auto& config = *work.prepared.loaded.config;
  work.next = {describe(config), describe(work.prepared.plans, config, device_name(config))};
  // Who is left out stays as it is, unless its file is gone.
  for (const auto& out : work.left_out) {
    const auto* shape = find_instance(work.running, out.instance);
    if (shape != nullptr && std::filesystem::exists(shape->file)) {
      work.next.instances.push_back(*shape);
    }
  }
  work.plan = plan_reload(work.running, work.next);
}

// Removes the plans of collectors that must not be touched.
void Reloader::leave_out_unusable(Work& work, PluginHost& plugins) {
  work.left_out = work.prepared.left_out;
  const bool lenient = work.cause == ReloadCause::files;
  std::erase_if(work.prepared.plans, [&](const InstancePlan& plan) {
    const auto hash = to_hex(plan.plugin->hash);
    const auto* running = find_instance(work.running, plan.config->id);
    const bool same_file = running != nullptr && running->hash == hash;
    const auto leave_out = [&](std::string reason) {
      work.left_out.push_back({plan.config->id, std::move(reason)});
      return true;
    };
    if (same_file) return false;
    if (running != nullptr && isolation_of(plan) == Isolation::inside) {
      return leave_out("it runs inline: its new file takes effect with the next start of the host");
    }
    if (const auto known = work.rejected.find(hash);
        running != nullptr && known != work.rejected.end()) {
      return leave_out("its new file was tried and failed: " + known->second);
    }
    if (!lenient || work.dry_run) return false;
    auto loaded = plugins.load(plan);
    const auto held = plugins.workers().quarantine().reason(plan.plugin->hash);
    if (loaded && (!held || running == nullptr)) return false;
    const auto reason = held ? *held : loaded.error().message;
    work.newly_rejected.emplace(hash, reason);
    return leave_out(reason);
  });
}

void Reloader::conclude() {
  const auto work = std::exchange(work_, nullptr);
  rejected_.merge(work->newly_rejected);
  if (std::exchange(stale_, false)) {
    const auto anew = std::make_shared<Work>();
    anew->cause = work->cause;
    anew->dry_run = work->dry_run;
    anew->done = std::move(work->done);
    return start(anew);
  }
  auto result = outcome(*work);
  if (result && result->valid && !work->dry_run) tell_left_out(*work);
  if (!work->dry_run) problem_ = problem_of(result);
  work->done(result);
  plugins_.forget_images();
  if (std::exchange(again_, false)) reload(ReloadCause::files, false, log_reload);
}

void Reloader::tell_left_out(const Work& work) const {
  std::map<std::string, std::string> notices;
  for (const auto& out : work.left_out) {
    const bool ran = find_instance(work.running, out.instance) != nullptr;
    const bool runs = find_instance(work.next, out.instance) != nullptr;
    log_warn("reload: collector {} {}: {}", out.instance,
             runs  ? "goes on as it was"
             : ran ? "is stopped"
                   : "is not started",
             out.reason);
    if (runs) notices.emplace(out.instance, out.reason);
  }
  notices_(std::move(notices));
}

Result<ReloadOutcome> Reloader::outcome(Work& work) {
  ReloadOutcome outcome;
  auto& prepared = work.prepared;
  outcome.valid = prepared.usable();
  outcome.mistakes = prepared.all_mistakes();
  if (work.cause == ReloadCause::asked) {
    for (const auto& out : work.left_out) {
      outcome.mistakes.push_back(
          {Severity::warning,
           {work.file.string(), 0, 0},
           fmt::format("collector {} goes on as it was: {}", out.instance, out.reason)});
    }
  }
  outcome.mistakes_text = render(outcome.mistakes, prepared.loaded.sources);
  outcome.plan = work.plan;
  if (!outcome.valid || work.dry_run) return outcome;
  if (!work.plan.settings_of(ChangeCost::refused).empty()) return refused(work.plan);
  if (!work.loaded) {
    return Error{work.loaded.error().code, "nothing was changed: " + work.loaded.error().message};
  }
  if (work.next.instances.empty() && work.cause == ReloadCause::asked) {
    return Error{Errc::invalid,
                 "nothing was changed: no collector is configured; add some under `collectors`"};
  }
  if (!work.plan.changes_anything()) return outcome;

  auto instances = make_changes(prepared, work.plan, running_, work.next, plugins_);
  if (!instances) {
    return Error{instances.error().code, "nothing was changed: " + instances.error().message};
  }
  ReloadChanges changes{*prepared.loaded.config, work.plan, std::move(*instances),
                        to_plugin_infos(prepared.plans),
                        datasets_of(*prepared.loaded.config, prepared.plans)};
  // Before the host says what became of it.
  for (const auto& step : work.plan.instances) {
    if (step.action == Action::stop) before_trial_.erase(step.id);
    if (!goes_on_trial(step, running_, work.next)) continue;
    before_trial_.try_emplace(step.id, *find_instance(running_, step.id));
  }
  if (auto applied = apply_(std::move(changes)); !applied) {
    return Error{applied.error().code, "nothing was changed: " + applied.error().message};
  }
  running_ = after_reload(running_, work.next);
  outcome.applied = true;
  log_plan(work.plan);
  return outcome;
}

void Reloader::rolled_back(const std::string& instance, const std::string& reason) {
  const auto before = before_trial_.extract(instance);
  for (auto& shape : running_.instances) {
    if (!before || shape.id != instance) continue;
    if (shape.hash != before.mapped().hash) rejected_[shape.hash] = reason;
    shape = before.mapped();
    stale_ = busy();
  }
}

void log_reload(const Result<ReloadOutcome>& outcome) {
  if (!outcome) return log_error("reload: {}", outcome.error().message);
  for (const auto& one : outcome->mistakes) {
    const auto text = one.location.text() + ": " + one.message;
    if (one.severity == Severity::error) {
      log_error("reload: {}", text);
    } else {
      log_warn("reload: {}", text);
    }
  }
  if (!outcome->valid) log_error("reload: nothing was changed, the configuration has mistakes");
}

json::Value to_json(const ReloadOutcome& outcome) {
  json::Array mistakes;
  for (const auto& one : outcome.mistakes) {
    mistakes.emplace_back(
        json::Object{{"severity", one.severity == Severity::error ? "error" : "warning"},
                     {"file", one.location.file},
                     {"line", one.location.line},
                     {"column", one.location.column},
                     {"message", one.message}});
  }
  return json::Object{{"valid", outcome.valid},          {"applied", outcome.applied},
                      {"mistakes", std::move(mistakes)}, {"mistakes_text", outcome.mistakes_text},
                      {"plan", to_json(outcome.plan)},   {"plan_text", to_text(outcome.plan)}};
}

}  // namespace unity::host
