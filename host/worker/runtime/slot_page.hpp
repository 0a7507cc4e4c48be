// What is known of a process that runs plugins, in a page of a mapped file: it outlives the
// process, the host and, short of a power cut, a crash of both.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace unity::host {

// What a lane is doing.
enum class Phase : std::uint32_t {
  idle,
  load,
  create,
  collect,
  stream,
  probe,
  reconfigure,
  destroy
};

// One call at a time. The process that runs the plugin writes; the host reads.
struct LaneSlot {
  std::atomic<Phase> phase = Phase::idle;
  std::uint32_t reserved = 0;
  std::uint64_t run = 0;
  std::int64_t started_unix_ns = 0;
  std::array<char, 104> instance{};  // the configured id, cut to fit; ends with a NUL
  // The run that the host cancelled last. Written by the host.
  std::atomic<std::uint64_t> cancelled = 0;
};

// Written by the signal handler of a process that dies.
struct CrashFrame {
  std::uint64_t offset = 0;         // in the module
  std::array<char, 56> module{};    // the path's end
  std::array<char, 64> function{};  // if the module exports it
};
struct CrashReport {
  static constexpr std::size_t kFrames = 24;
  static constexpr std::uint32_t kNoLane = UINT32_MAX;

  std::atomic<std::uint32_t> written = 0;  // last of all
  std::int32_t signal = 0;
  std::uint64_t address = 0;
  std::uint32_t lane = kNoLane;  // of the thread that crashed, if it was in a call
  std::uint32_t frame_count = 0;
  std::array<CrashFrame, kFrames> frames{};
};

struct SlotPage {
  static constexpr std::uint64_t kMagic = 0x31'54'4f'4c'53'59'4e'55;  // "UNYSLOT1"
  static constexpr std::size_t kLanes = 64;
  static constexpr std::size_t kImages = 64;

  std::uint64_t magic = kMagic;
  std::uint32_t pid = 0;
  // It was refused memory by its limit, or was close to it when it crashed. By the process.
  std::atomic<std::uint32_t> out_of_memory = 0;
  std::array<LaneSlot, kLanes> lanes{};
  // Of the images with the numbers from 1 on: the descriptor that each was loaded from, plus one;
  // the dynamic linker knows them by that. By the process.
  std::array<std::atomic<std::int32_t>, kImages> descriptors{};
  CrashReport crash;
};
static_assert(std::atomic<Phase>::is_always_lock_free);

// Maps a page of its own for each process. Null if the system gives no memory.
SlotPage* map_slot_page(int fd);

// From now on a fatal signal of this process is written to `page`, with the stack, and kills as it
// would have. Once per process.
void catch_crashes(SlotPage& page);

// This thread is in a call, as `slot` says until this is destroyed; a crash of it is that call's.
// Null: nowhere to note it.
class NotedCall {
 public:
  NotedCall(LaneSlot* slot, std::uint64_t run, std::string_view instance);
  ~NotedCall();
  NotedCall(const NotedCall&) = delete;
  NotedCall& operator=(const NotedCall&) = delete;

 private:
  LaneSlot* const before_;  // the call that this one is within, if it is
};

// What the noted call of this thread does until this is destroyed, if there is one.
class NotedPhase {
 public:
  explicit NotedPhase(Phase phase);
  ~NotedPhase();
  NotedPhase(const NotedPhase&) = delete;
  NotedPhase& operator=(const NotedPhase&) = delete;

 private:
  Phase before_ = Phase::idle;
};

}  // namespace unity::host
