// A worker process, from the host's side.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/plugin_image.hpp"
#include "unity/core/base/time.hpp"
#include "worker/protocol/channel.hpp"
#include "worker/protocol/messages.hpp"
#include "worker/runtime/services.hpp"
#include "worker/runtime/slot_page.hpp"
#include "workers/crash_log.hpp"
#include "workers/spawn.hpp"
#include "workers/worker_output.hpp"

namespace unity::host {

// How a worker ended.
struct WorkerEnd {
  std::string why;   // "it was killed by signal 11 (Segmentation fault)"
  std::string kill;  // the host did it: its reason; else empty
  int signal = 0;
  std::uint32_t culprit = CrashReport::kNoLane;  // the lane whose call is why, if that is known
  std::shared_ptr<const PluginImage> plugin;     // that crashed, if that is known
  std::vector<std::string> backtrace;
  std::vector<std::string> last_output;  // lines

  // "killed by signal 11 (Segmentation fault)", or why the host killed it.
  const std::string& words() const { return kill.empty() ? why : kill; }
};

// Lanes are for any thread, one at a time each; the rest is for any thread unless it says other.
class Worker : public std::enable_shared_from_this<Worker> {
 public:
  // A way to one call at a time.
  struct Lane {
    std::uint32_t number = 0;
    Channel channel;
    FileDescriptor cancelled;    // eventfd
    bool was_cancelled = false;  // it has been written to
  };

  // By Keeper only, on its thread. `who`: for the log. `control` is lane 0, which makes no calls.
  Worker(std::string who, Spawned process, Lane control, Channel services, FileDescriptor output,
         SlotFile slots);
  ~Worker();

  pid_t pid() const { return process_.pid; }
  bool alive() const { return !ended_; }  // as far as is known
  bool usable() const { return !ended_ && !killed_; }

  // A free lane, made if there is none; lives as long as this. Null if the worker has ended. One
  // that a call hangs in is not given back.
  Lane* take_lane();
  void give_back(Lane* lane);

  // One thread at a time each, others wait. Errors: unavailable if the worker has ended, else what
  // it says. An image is loaded once.
  Result<std::vector<std::string>> confine(const std::string& confinement);  // its gaps
  Result<std::uint32_t> load(const std::shared_ptr<const PluginImage>& image);
  // The number of a new instance, which has the services from now on.
  Result<std::uint32_t> add_instance(std::uint32_t image, const InstanceSpec& spec,
                                     std::shared_ptr<PluginServices> services);
  // Has the plugin take it apart. If it does not within `patience`, that ends the worker. The lane
  // of the call, then or if it ended in that; nothing: it was done, or all lanes are in use and it
  // stays for as long as the process.
  std::optional<std::uint32_t> destroy_instance(std::uint32_t instance, Duration patience);

  LaneSlot& slot(const Lane& lane) { return slots_.page().lanes.at(lane.number); }
  // What the call on the lane does, or did last; `kNoLane`: on that without calls, which loads.
  Phase phase(std::uint32_t lane) const {
    return slots_.page().lanes.at(lane == CrashReport::kNoLane ? 0 : lane).phase;
  }

  // Ends it now. The first reason counts. Who waits on a lane finds it gone.
  // `culprit`: the lane whose call is why, or none.
  void kill(const std::string& reason, std::uint32_t culprit = CrashReport::kNoLane);
  // Whether the process is on its way out, before it is known how: then its sockets are closed
  // because of that.
  bool is_leaving() const;
  // Waits until it is known how it ended, or until `deadline`.
  std::optional<WorkerEnd> end(Instant deadline);

  // ---- Keeper's, on its thread
  int pidfd() const { return process_.pidfd.get(); }
  int output_fd() const { return output_.get(); }
  int services_fd() const { return services_.fd(); }
  bool serve_request();  // false if there are no more to come
  // `pause`: it prints too much, and is to be left alone for WorkerOutput::kPause.
  enum class Output : std::uint8_t { read, pause, over };
  Output read_output();
  void ran_out_of_memory() { slots_.page().out_of_memory = 1; }  // before it was reaped
  void reaped(int wait_status);

 private:
  // With the lock of the control lane. `patience`: null: as long as it takes, which is for who can
  // be killed meanwhile.
  Result<void> ask(std::string_view what, const std::string& bytes,
                   const std::vector<int>& descriptors = {}, std::optional<Duration> patience = {});
  // Whether a whole message has come in that time, the first packet of which is its last.
  static bool answered_within(Channel& channel, Duration patience);
  Lane* add_lane();
  ImagesByNumber images();
  void shut_lanes();
  Error gone() const;

  Spawned process_;
  Channel services_;
  FileDescriptor output_;
  SlotFile slots_;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> killed_ = false;

  std::mutex control_mutex_;
  Lane control_;
  std::map<Sha256, std::uint32_t> loaded_;
  ImagesByNumber images_;  // also one that is being loaded, or could not be

  std::mutex mutex_;
  std::condition_variable change_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Lane*> idle_;
  std::map<std::uint32_t, std::shared_ptr<PluginServices>> services_of_;
  std::vector<std::uint32_t> destroyed_;  // of these; heard yet, but not served
  std::uint32_t next_instance_ = 1;
  std::string kill_reason_;
  std::uint32_t culprit_ = CrashReport::kNoLane;
  std::optional<WorkerEnd> end_;

  WorkerOutput printed_;  // Keeper's thread only
};

}  // namespace unity::host
