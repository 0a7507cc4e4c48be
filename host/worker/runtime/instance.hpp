// An instance of a collector in this process, and the calls into it. The one implementation of the
// contract of the ABI, whichever process it runs in.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "worker/runtime/handles.hpp"
#include "worker/runtime/library.hpp"
#include "worker/runtime/slot_page.hpp"

namespace unity::host {

struct InstanceSpec {
  std::string id;         // the configured one
  std::string collector;  // a name that the library has
  std::string options;    // JSON, validated, defaults filled in
  std::string checkpoint;
};

// What is asked of an instance.
enum class CallKind : std::uint8_t { collect, stream, probe, reconfigure };

// One call at a time, on any thread; interrupt() beside it.
class PluginInstance {
 public:
  // `services` outlives this.
  PluginInstance(std::shared_ptr<const Library> library, InstanceSpec spec,
                 PluginServices& services);
  // Destroys the plugin's instance if there is one. May hang, as the plugin may.
  ~PluginInstance();

  bool created() const { return instance_ != nullptr; }
  // What it is created with; until then.
  void begin_at(std::string checkpoint) { spec_.checkpoint = std::move(checkpoint); }

  // Before the first call the plugin's instance is created, which is part of that call.
  RunResult collect(CancelToken& token, Instant deadline);
  RunResult probe(CancelToken& token, Instant deadline);  // ok if the plugin offers none
  // Ends when the token fires or the source ends. `sink` is not used any more when this returns.
  RunResult stream(CancelToken& token, StreamSink& sink);
  // Nothing, if the plugin cannot: then the instance is to be made anew.
  std::optional<RunResult> reconfigure(std::string options, CancelToken& token, Instant deadline);

  // Wakes the call in flight, if the plugin can be woken. Any thread, also when there is none.
  void interrupt();
  bool can_be_interrupted() const { return type_->interrupt != nullptr; }

 private:
  template <class Body>
  RunResult call(Phase phase, CancelToken& token, Instant deadline, Body body);
  unity_status create(CallHandle& call);

  std::shared_ptr<const Library> library_;
  InstanceSpec spec_;
  PluginServices& services_;
  const unity_collector* type_;
  HostHandle host_;
  StreamHandle stream_;
  std::atomic<unity_instance*> instance_ = nullptr;
};

}  // namespace unity::host
