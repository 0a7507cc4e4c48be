// A worker: a process that loads plugins and makes the calls that the host asks for. One thread
// for each lane; none of the host's own state is here.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "worker/process/interrupter.hpp"
#include "worker/process/service_client.hpp"
#include "worker/protocol/channel.hpp"
#include "worker/protocol/messages.hpp"
#include "worker/runtime/instance.hpp"
#include "worker/runtime/slot_page.hpp"

namespace unity::host {

class WorkerProcess {
 public:
  WorkerProcess(ServiceClient& services, SlotPage& page) : services_(services), page_(page) {}

  // Serves a lane on the calling thread until the host closes it.
  void serve(std::uint32_t number, Channel channel, FileDescriptor cancelled);

 private:
  struct Hosted {
    Hosted(ServiceClient& client, const AddInstanceMessage& message,
           std::shared_ptr<const Library> library)
        : services(client, message.instance, message.log_min_level),
          id(message.spec.id),
          plugin(std::move(library), message.spec, services) {}
    RemoteServices services;
    std::string id;
    PluginInstance plugin;
  };
  struct Lane {
    std::uint32_t number;
    Channel channel;
    FileDescriptor cancelled;
    LaneSlot& slot;
  };

  // False ends the lane: the host speaks another language.
  bool answer(Lane& lane);
  bool confine(Lane& lane);
  bool add_lane(Lane& lane);
  bool load(Lane& lane);
  bool add_instance(Lane& lane);
  bool call(Lane& lane);
  bool destroy(Lane& lane);
  ResultMessage make_call(Lane& lane, Hosted& hosted, const CallMessage& message);
  void take_denials(ResultMessage& answer);
  std::shared_ptr<Hosted> find(std::uint32_t instance);

  ServiceClient& services_;
  SlotPage& page_;
  Interrupter interrupter_;
  std::mutex mutex_;  // of the maps
  std::map<std::uint32_t, std::shared_ptr<const Library>> images_;
  std::map<std::uint32_t, std::shared_ptr<Hosted>> instances_;
};

}  // namespace unity::host
