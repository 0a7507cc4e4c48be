// The descriptors that a worker is started with, by number.
#pragma once

namespace unity::host {

enum WorkerDescriptor : int {
  kFirstLane = 3,    // socket
  kFirstCancel = 4,  // eventfd
  kServices = 5,     // socket
  kSlots = 6,        // file
  kWorkerDescriptorEnd,
};

}  // namespace unity::host
