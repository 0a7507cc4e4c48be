// What a stream emits on its way over a lane: gathered while the packet before is being sent, so
// that small emits cost no packet each.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "worker/protocol/channel.hpp"
#include "worker/protocol/messages.hpp"
#include "worker/runtime/services.hpp"

namespace unity::host {

class LaneStream final : public StreamSink {
 public:
  // Sends on `channel` until finish(); nobody else does meanwhile.
  explicit LaneStream(Channel& channel);
  ~LaneStream() { finish(); }

  unity_status push(Emission&& emission, std::uint64_t wait_ns) override;
  void ready() override;
  void shut() override;

  // Sends what is left and ends the sending.
  void finish();

 private:
  void send_all();
  void add(Emission&& emission);  // under the lock

  Channel& channel_;
  std::mutex mutex_;
  std::condition_variable wake_;  // there is something to send, or the end has come
  std::condition_variable room_;
  std::vector<Emission> waiting_;
  std::size_t bytes_ = 0;
  bool ready_ = false;
  bool shut_ = false;
  bool finished_ = false;
  std::thread sender_;
};

}  // namespace unity::host
