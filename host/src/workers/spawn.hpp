// Starts unity-worker.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "unity/core/base/result.hpp"
#include "worker/base/file_descriptor.hpp"

namespace unity::host {

// Beside the running binary.
std::filesystem::path worker_binary();

// What the worker is given; the caller keeps its own descriptors.
struct WorkerStart {
  int lane = -1;
  int cancel = -1;
  int services = -1;
  int slots = -1;
  int output = -1;  // becomes its standard output and error
};

struct Spawned {
  pid_t pid = -1;
  FileDescriptor pidfd;  // readable once it has ended
};

// The calling thread must live as long as the process: the kernel kills the worker with it. The
// worker sees neither the host's environment nor any other descriptor of it.
// Errors: unavailable (no process to be had), not_found (no such binary).
Result<Spawned> spawn_worker(const std::filesystem::path& binary, const WorkerStart& start);

}  // namespace unity::host
