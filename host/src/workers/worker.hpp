// A worker process, from the host's side.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
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

namespace unity::host {

// How a worker ended.
struct WorkerEnd {
  std::string why;   // "it was killed by signal 11 (Segmentation fault)"
  std::string kill;  // the host did it: its reason; else empty
  int signal = 0;
  std::uint32_t crashed_lane = CrashReport::kNoLane;
  std::vector<std::string> backtrace;
  std::vector<std::string> last_output;  // lines
};

// Lanes are for any thread, one at a time each; the rest is for any thread unless it says other.
class Worker : public std::enable_shared_from_this<Worker> {
 public:
  // A way to one call at a time.
  struct Lane {
    std::uint32_t number = 0;
    Channel channel;
    FileDescriptor cancelled;  // eventfd
  };

  // By Keeper only, on its thread.
  Worker(std::uint64_t number, Spawned process, Lane first, Channel services, FileDescriptor output,
         SlotFile slots);
  ~Worker();

  pid_t pid() const { return process_.pid; }
  bool alive() const { return !ended_; }

  // Another free lane, made if there is none. Null if the worker has ended.
  std::unique_ptr<Lane> take_lane();
  void give_back(std::unique_ptr<Lane> lane);

  // On a lane that the caller has taken. Errors: unavailable if the worker has ended, else what it
  // says. Loading happens once for each image.
  Result<std::vector<std::string>> confine(Lane& lane, const std::string& confinement);
  Result<std::uint32_t> load(Lane& lane, const PluginImage& image);
  // The number of a new instance, which has the services from now on.
  Result<std::uint32_t> add_instance(Lane& lane, std::uint32_t image, const InstanceSpec& spec,
                                     std::shared_ptr<PluginServices> services);
  // Asks the plugin to take it apart; false if it did not within `patience`.
  bool destroy_instance(Lane& lane, std::uint32_t instance, Duration patience);

  LaneSlot& slot(const Lane& lane) { return slots_.page().lanes.at(lane.number); }

  // Ends it now. The first reason counts. Who waits on a lane finds it gone.
  void kill(const std::string& reason);
  // Waits until it is known how it ended, or until `deadline`.
  std::optional<WorkerEnd> end(Instant deadline);

  // ---- Keeper's, on its thread
  int pidfd() const { return process_.pidfd.get(); }
  int output_fd() const { return output_.get(); }
  int services_fd() const { return services_.fd(); }
  bool serve_request();  // false if there are no more to come
  bool read_output();    // the same
  void reaped(int wait_status);

 private:
  Result<void> answered(Lane& lane, std::string_view what);
  void shut_lanes();
  Error gone() const;

  const std::uint64_t number_;
  Spawned process_;
  Channel services_;
  FileDescriptor output_;
  SlotFile slots_;
  std::atomic<bool> ended_ = false;

  std::mutex mutex_;
  std::condition_variable change_;
  std::vector<std::unique_ptr<Lane>> idle_;
  std::map<std::uint32_t, int> lane_sockets_;  // of all lanes, to shut them
  std::uint32_t lanes_made_ = 1;
  std::map<Sha256, std::uint32_t> images_;
  std::map<std::uint32_t, std::shared_ptr<PluginServices>> services_of_;
  std::uint32_t next_instance_ = 1;
  std::string kill_reason_;
  std::optional<WorkerEnd> end_;
  std::mutex loading_;

  // Keeper's thread only.
  std::string line_;
  std::deque<std::string> last_lines_;
};

}  // namespace unity::host
