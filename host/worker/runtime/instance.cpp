#include "worker/runtime/instance.hpp"

#include <cassert>

#include "worker/runtime/parameters.hpp"

namespace unity::host {
namespace {

// A plugin must not throw through the ABI; one that does all the same is told so.
template <class Body>
RunResult guarded(CallHandle& call, Body body) {
  const auto thrown = [&call](std::string_view what) {
    auto result = call.finish(UNITY_E_INTERNAL);
    result.code = "unity.threw";
    result.message = "it threw an exception through the plugin ABI: ";
    result.message += what;
    return result;
  };
  try {
    return call.finish(body());
  } catch (const std::exception& exception) {
    return thrown(exception.what());
  } catch (...) {
    return thrown("not a std::exception");
  }
}

unity_config to_config(const InstanceSpec& spec) {
  unity_config config{};
  config.struct_size = sizeof config;
  config.instance_id = to_abi(spec.id);
  config.json = to_abi(spec.options);
  config.checkpoint = to_abi(spec.checkpoint);
  return config;
}

}  // namespace

PluginInstance::PluginInstance(std::shared_ptr<const Library> library, InstanceSpec spec,
                               PluginServices& services)
    : library_(std::move(library)),
      spec_(std::move(spec)),
      services_(services),
      type_(library_->find(spec_.collector)),
      host_(services, library_->identity().datasets),
      stream_(services, library_->identity().datasets) {
  assert(type_ != nullptr);
}

PluginInstance::~PluginInstance() {
  if (instance_ == nullptr) return;
  const NotedPhase noted(Phase::destroy);
  try {
    type_->destroy(instance_);
  } catch (...) {
    services_.log(UNITY_LOG_ERROR, "destroy() threw an exception through the plugin ABI", {});
  }
}

template <class Body>
RunResult PluginInstance::call(Phase phase, CancelToken& token, Instant deadline, Body body) {
  CallHandle call(token, deadline, library_->identity().datasets);
  return guarded(call, [&] {
    if (instance_ == nullptr) {
      if (const auto status = create(call); status < 0) return status;
    }
    const NotedPhase noted(phase);
    return body(call);
  });
}

RunResult PluginInstance::collect(CancelToken& token, Instant deadline) {
  return call(Phase::collect, token, deadline,
              [this](CallHandle& handle) { return type_->collect(instance_, &handle); });
}

RunResult PluginInstance::probe(CancelToken& token, Instant deadline) {
  return call(Phase::probe, token, deadline, [this](CallHandle& handle) {
    return type_->probe != nullptr ? type_->probe(instance_, &handle) : UNITY_OK;
  });
}

RunResult PluginInstance::stream(CancelToken& token, StreamSink& sink) {
  stream_.open(sink);
  auto result = call(Phase::stream, token, Instant::max(), [this](CallHandle& handle) {
    return type_->stream(instance_, &handle, &stream_);
  });
  stream_.close();
  return result;
}

std::optional<RunResult> PluginInstance::reconfigure(std::string options, CancelToken& token,
                                                     Instant deadline) {
  if (type_->reconfigure == nullptr) return std::nullopt;
  auto next = spec_;
  next.options = std::move(options);
  if (!created()) {  // it is created with these, and not with what they take the place of
    spec_ = std::move(next);
    return RunResult();
  }
  bool unsupported = false;
  auto result = call(Phase::reconfigure, token, deadline, [&](CallHandle& handle) {
    const auto config = to_config(next);
    const auto status = type_->reconfigure(instance_, &handle, &config);
    unsupported = status == UNITY_E_UNSUPPORTED;
    return status;
  });
  if (unsupported) return std::nullopt;
  if (succeeded(result.run_class)) spec_ = std::move(next);
  return result;
}

void PluginInstance::interrupt() {
  unity_instance* instance = instance_;
  if (instance != nullptr && type_->interrupt != nullptr) type_->interrupt(instance);
}

unity_status PluginInstance::create(CallHandle& call) {
  const NotedPhase noted(Phase::create);
  const auto config = to_config(spec_);
  unity_instance* made = nullptr;
  const auto status = type_->create(&host_, &call, &config, &made);
  if (status < 0) return status;
  if (made == nullptr) {
    call.fail("create() succeeded without making an instance");
    return UNITY_E_INTERNAL;
  }
  instance_ = made;
  return UNITY_OK;
}

}  // namespace unity::host
