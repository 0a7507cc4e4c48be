#include "check/hostile/instance.hpp"

#include <fmt/format.h>

#include <cstring>

#include "check/process/failing_memory.hpp"
#include "check/process/watchdog.hpp"

namespace unity::check {
namespace {

double in_seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

// Text that is lent for the time of a call.
class LentText {
 public:
  LentText(std::string_view text, std::string what) : what_(std::move(what)) {
    if (text.empty()) return;
    lent_ = lend(text.size(), 1, World::get().fences_texts(), what_);
    std::memcpy(lent_.at, text.data(), text.size());
  }
  unity_str str() const { return {static_cast<const char*>(lent_.at), lent_.size}; }
  void end(const std::string& when) {
    if (World::get().plan.poison) take_back(lent_, what_, when);
  }

 private:
  std::string what_;
  Lent lent_;
};

// A unity_config and all that it leads to.
class LentConfig {
 public:
  LentConfig(const std::string& id, const std::string& json, const std::string& checkpoint)
      : id_(id, "config->instance_id"),
        json_(json, "config->json"),
        checkpoint_(checkpoint, "config->checkpoint"),
        lent_(lend(sizeof(unity_config) + World::get().plan.config_tail, 8,
                   World::get().fences_texts(), "unity_config")) {
    unity_config config{};
    config.struct_size = static_cast<std::uint32_t>(lent_.size);
    config.instance_id = id_.str();
    config.json = json_.str();
    config.checkpoint = checkpoint_.str();
    std::memcpy(lent_.at, &config, sizeof config);
  }
  const unity_config* get() const { return static_cast<const unity_config*>(lent_.at); }
  void end(const std::string& when) {
    id_.end(when);
    json_.end(when);
    checkpoint_.end(when);
    if (World::get().plan.poison) take_back(lent_, "unity_config", when);
  }

 private:
  LentText id_, json_, checkpoint_;
  Lent lent_;
};

}  // namespace

std::string status_text(unity_status status) {
  static constexpr const char* errors[] = {
      "UNITY_OK",          "UNITY_E_TRANSIENT", "UNITY_E_CONFIG",      "UNITY_E_AUTH",
      "UNITY_E_PERMANENT", "UNITY_E_CANCELLED", "UNITY_E_UNSUPPORTED", "UNITY_E_TOO_NEW",
      "UNITY_E_AGAIN",     "UNITY_E_NOT_FOUND", "UNITY_E_DENIED",      "UNITY_E_INVALID",
      "UNITY_E_LIMIT",     "UNITY_E_INTERNAL"};
  if (status <= 0 && status >= UNITY_E_INTERNAL) return errors[-status];
  if (status == UNITY_PARTIAL) return "UNITY_PARTIAL";
  if (status == UNITY_END) return "UNITY_END";
  return fmt::format("the unknown status {}", status);
}

std::string Outcome::text() const {
  return status_text(status) +
         (failure && !failure->message.empty() ? ": " + failure->message : "");
}

Instance::Instance(const Collector& collector, std::string name, std::string config,
                   std::string checkpoint)
    : collector_(collector),
      config_(std::move(config)),
      checkpoint_(std::move(checkpoint)),
      side_(std::make_shared<HostSide>()) {
  side_->name = std::move(name);
}

Instance::~Instance() { destroy(); }

template <class Body>
Outcome Instance::call(const char* function, const CallTerms& terms, Body body) {
  auto& world = World::get();
  auto call = std::make_shared<CallSide>();
  call->host = side_;
  call->name = fmt::format("{}() of {}", function, side_->name);
  call->thread = std::this_thread::get_id();
  call->cancelled = terms.cancelled;
  if (terms.deadline_ns) {
    call->deadline_mono_ns = static_cast<std::uint64_t>(
        static_cast<std::int64_t>(world.now_mono_ns()) + *terms.deadline_ns);
  }
  auto* handle = world.add_call(call);
  {
    const std::lock_guard lock(mutex_);
    in_flight_ = call;
  }
  auto* const outer = current_call();
  current_call() = call.get();
  world.set_phase(call->name);
  Outcome outcome;
  const auto began = std::chrono::steady_clock::now();
  try {
    std::optional<Watched> watched;
    if (terms.patience) {
      const auto enough = began + *terms.patience;
      watched.emplace(
          enough, [call] { call->cancel(); }, enough + world.grace + kReturnSlack,
          fmt::format("{}{} had not returned {} s after its token was fired", world.scenario,
                      call->name, in_seconds(world.grace + kReturnSlack)));
    }
    const PluginAllocates plugin;
    outcome.status = body(handle, call);
  } catch (const std::exception& exception) {
    outcome.threw = true;
    world.breaches.add(Breach::exception,
                       fmt::format("{} threw: {}", call->name, exception.what()));
  } catch (...) {
    outcome.threw = true;
    world.breaches.add(Breach::exception, fmt::format("{} threw", call->name));
  }
  outcome.took = std::chrono::steady_clock::now() - began;
  if (outcome.threw) outcome.status = UNITY_E_INTERNAL;
  world.set_phase("what comes after " + call->name);
  current_call() = outer;
  {
    const std::lock_guard lock(mutex_);
    if (in_flight_ == call) in_flight_ = nullptr;
  }
  world.end_call(handle);
  const std::lock_guard lock(call->mutex);
  outcome.batches = std::move(call->batches);
  outcome.failure = std::move(call->failure);
  outcome.refused = call->refused;
  outcome.cancelled = call->cancelled;
  return outcome;
}

Outcome Instance::create(const CallTerms& terms) {
  if (host_ == nullptr) host_ = World::get().add_host(side_);
  LentConfig config(side_->name, config_, checkpoint_);
  unity_instance* made = nullptr;
  auto outcome = call("create", terms, [&](unity_call* handle, const auto&) {
    return collector_.table.create(host_, handle, config.get(), &made);
  });
  config.end("create() returned");
  if (outcome.status >= 0) {
    instance_ = made;
  } else {
    World::get().end_host(host_);
    host_ = nullptr;
  }
  return outcome;
}

Outcome Instance::collect(const CallTerms& terms) {
  return call("collect", terms, [&](unity_call* handle, const auto&) {
    return collector_.table.collect(instance_, handle);
  });
}

Outcome Instance::reconfigure(const std::string& json) {
  LentConfig config(side_->name, json, checkpoint_);
  auto outcome = call("reconfigure", {}, [&](unity_call* handle, const auto&) {
    return collector_.table.reconfigure(instance_, handle, config.get());
  });
  config.end("reconfigure() returned");
  return outcome;
}

Outcome Instance::probe() {
  return call("probe", {}, [&](unity_call* handle, const auto&) {
    return collector_.table.probe(instance_, handle);
  });
}

Duration Instance::interrupt() {
  const auto began = std::chrono::steady_clock::now();
  const Watched watched(began + kReturnSlack,
                        fmt::format("interrupt() of {} did not return", side_->name));
  try {
    collector_.table.interrupt(instance_);
  } catch (...) {
    World::get().breaches.add(Breach::exception, "interrupt() threw");
  }
  return std::chrono::steady_clock::now() - began;
}

void Instance::destroy() {
  auto& world = World::get();
  if (instance_ != nullptr) {
    const auto name = fmt::format("destroy() of {}", side_->name);
    world.set_phase(name);
    const Watched watched(std::chrono::steady_clock::now() + world.grace + kReturnSlack,
                          fmt::format("{}{} did not return", world.scenario, name));
    try {
      const PluginAllocates plugin;
      collector_.table.destroy(instance_);
    } catch (...) {
      world.breaches.add(Breach::exception, "destroy() threw");
    }
    world.set_phase("what comes after " + name);
    instance_ = nullptr;
  }
  if (host_ != nullptr) world.end_host(host_);
  host_ = nullptr;
}

bool Instance::cancel() {
  std::shared_ptr<CallSide> call;
  {
    const std::lock_guard lock(mutex_);
    call = in_flight_;
  }
  if (call == nullptr) return false;
  call->cancel();
  return true;
}

Outcome Instance::work(const CallTerms& terms) {
  if (!collector_.streaming()) return collect(terms);
  Streaming stream(*this, terms);
  stream.wait_for(1, std::chrono::milliseconds(300));
  return stream.stop();
}

// Beside the other calls, with which it shares call().
void Streaming::enter(CallTerms terms) {
  auto& world = World::get();
  terms.patience.reset();  // it goes on until it is cancelled
  outcome_ = instance_.call("stream", terms, [&](unity_call* handle, const auto& call) {
    side_->call = call;
    auto* stream = world.add_stream(side_);
    struct End {
      World& world;
      unity_stream* stream;
      ~End() { world.end_stream(stream); }
    } end{world, stream};
    return instance_.collector_.table.stream(instance_.instance_, handle, stream);
  });
  const std::lock_guard lock(side_->mutex);
  for (auto& batch : side_->batches) outcome_.batches.push_back(std::move(batch));
  over_ = true;
  side_->changed.notify_all();
}

}  // namespace unity::check
