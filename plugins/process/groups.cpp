#include "process/groups.hpp"

#include <algorithm>

namespace unity::plugins::process {
namespace {

constexpr std::size_t kNameMax = 15;  // TASK_COMM_LEN, without its NUL

}  // namespace

Groups::Groups(const std::vector<std::string>& services) {
  for (const auto& service : services) {
    Group group;
    group.service = service;
    group.name = service.substr(0, kNameMax);
    groups_.push_back(std::move(group));
  }
}

void Groups::update(const std::vector<ProcessStat>& processes,
                    const std::vector<std::uint64_t>& used_ticks) {
  for (auto& group : groups_) {
    group.count = 0;
    group.threads = 0;
    group.rss_pages = 0;
    for (std::size_t i = 0; i < processes.size(); ++i) {
      const auto& process = processes[i];
      if (process.name != group.name) continue;
      ++group.count;
      group.threads += process.threads;
      group.rss_pages += process.rss_pages;
      group.cpu_ticks += used_ticks[i];
    }
  }
}

void used_since(const std::vector<ProcessStat>& before, const std::vector<ProcessStat>& now,
                std::vector<std::uint64_t>& out) {
  out.clear();
  auto old = before.begin();
  for (const auto& process : now) {
    while (old != before.end() && old->pid < process.pid) ++old;
    if (old == before.end() || old->pid != process.pid || old->start_ticks != process.start_ticks) {
      out.push_back(process.cpu_ticks);
    } else {
      out.push_back(process.cpu_ticks - std::min(old->cpu_ticks, process.cpu_ticks));
    }
  }
}

}  // namespace unity::plugins::process
