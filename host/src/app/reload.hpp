// Gives a running host another configuration. Reads, checks and plans it and loads new plugins on a
// thread of its own, so that nothing that runs is held up; only then, on the control thread,
// applies what changed. Whatever is wrong before that leaves the host as it is.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "app/plugin_host.hpp"
#include "app/prepare.hpp"
#include "app/reload_plan.hpp"
#include "config/environment.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/instance.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::host {

// Who wants a reload, which decides what is a mistake.
enum class ReloadCause : std::uint8_t {
  asked,  // somebody who wants to know everything that is wrong: then nothing is changed
  files,  // files came or went: each plugin for itself, and what cannot be used is left out
};

struct ReloadOutcome {
  ReloadPlan plan;
  bool valid = false;    // else there is no plan
  bool applied = false;  // not if nothing was to be applied, or was asked for
  // Also warnings of a configuration that is valid; as data and as they are printed.
  std::vector<Diagnostic> mistakes;
  std::string mistakes_text;
};
json::Value to_json(const ReloadOutcome& outcome);
// Where nobody waits for the answer.
void log_reload(const Result<ReloadOutcome>& outcome);

// What a host takes over.
struct ReloadChanges {
  Config config;
  ReloadPlan plan;
  std::vector<InstanceChange> instances;
  std::vector<PluginInfo> plugins;    // all that are used now
  std::vector<DatasetSpec> datasets;  // and those of theirs and of the configuration
};

// Control thread only.
class Reloader {
 public:
  // All or nothing: an error means that the host is as it was.
  using Apply = std::function<Result<void>(ReloadChanges changes)>;
  // Which instances are not what their files are, and why: those that are left out.
  using Notices = std::function<void(std::map<std::string, std::string> by_instance)>;
  // Errors: refused if a reload is under way or a setting changed that cannot; else what stopped
  // it, such as a plugin that cannot be loaded.
  using Done = std::function<void(Result<ReloadOutcome>)>;

  // `running` is what the host runs now, `plugins` makes new collectors.
  Reloader(EventLoop& loop, std::filesystem::path file, HostShape running, PluginHost& plugins,
           Apply apply, Notices notices);
  ~Reloader();

  void reload(ReloadCause cause, bool dry_run, Done done);
  // The instance runs the version before the newest again, and its file as it is now is not tried
  // a second time.
  void rolled_back(const std::string& instance, const std::string& reason);
  // The instance will not go back to the version before.
  void proven(const std::string& instance) { before_trial_.erase(instance); }
  // Why the host is not what its files say, as a whole; empty if it is, as far as is known.
  const std::string& problem() const { return problem_; }
  // A thread reads files or is within a plugin's entry: not to be destroyed then.
  bool busy() const { return work_ != nullptr; }

 private:
  struct Work;

  static void read(Work& work, PluginHost& plugins);  // on the thread
  static void leave_out_unusable(Work& work, PluginHost& plugins);
  void start(std::shared_ptr<Work> work);
  void conclude();
  void tell_left_out(const Work& work) const;
  Result<ReloadOutcome> outcome(Work& work);

  EventLoop& loop_;
  std::filesystem::path file_;
  Environment environment_ = process_environment();
  HostShape running_;
  PluginHost& plugins_;
  Apply apply_;
  Notices notices_;
  std::map<std::string, std::string> rejected_;  // hashes of files that failed, and why
  // Of each instance that may be on trial: what it was when it last was proven.
  std::map<std::string, InstanceShape> before_trial_;
  std::string problem_;
  bool again_ = false;  // files changed while a reload was under way
  bool stale_ = false;  // what runs is not any more what the reload under way began with
  std::shared_ptr<Work> work_;
  std::thread thread_;
};

}  // namespace unity::host
