// Memory that runs out for the plugin and not for the checker: malloc() of this process fails, on
// the thread that asked for it, at a chosen one of the plugin's allocations.
#pragma once

#include <cstdint>

namespace unity::check {

// False in a build with a sanitizer, which brings a malloc() of its own.
bool memory_can_fail();

// From now on, on this thread: the allocation with this number fails, counted from 0 over those
// made while the plugin is at work, and all after it too if `stays`. A negative number: none.
void fail_allocation(std::int64_t number, bool stays);
// How many the plugin has made since, on this thread.
std::int64_t allocations_made();

// For malloc.cpp: whether the next allocation of this thread fails.
bool allocation_fails();

// While it lives, what this thread allocates is the plugin's.
class PluginAllocates {
 public:
  PluginAllocates();
  ~PluginAllocates();
  PluginAllocates(const PluginAllocates&) = delete;
  PluginAllocates& operator=(const PluginAllocates&) = delete;

 private:
  bool before_;
};

// While it lives, it is the host's.
class HostAllocates {
 public:
  HostAllocates();
  ~HostAllocates();
  HostAllocates(const HostAllocates&) = delete;
  HostAllocates& operator=(const HostAllocates&) = delete;

 private:
  bool before_;
};

}  // namespace unity::check
