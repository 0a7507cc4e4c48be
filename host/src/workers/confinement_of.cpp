#include "workers/confinement_of.hpp"

#include <algorithm>

#include "workers/seccomp_filter.hpp"

namespace unity::host {
namespace {

worker::PortRule rule_of(const PortPermission& ports) { return {ports.any, ports.ports}; }

}  // namespace

Result<worker::Confinement> confinement_of(const Permissions& permissions,
                                           const WorkerLimits& limits) {
  auto filter = build_seccomp_filter(permissions);
  if (!filter) return filter.error();
  const auto& network = permissions.network;
  worker::Confinement confinement;
  for (const auto& file : permissions.files) {
    confinement.paths.push_back({file.path, file.read, file.write, file.execute});
  }
  confinement.connect = rule_of(network.connect);
  confinement.listen = rule_of(network.listen);
  confinement.looks_up_names = !network.connect.none() || network.udp;
  confinement.abstract_sockets = network.unix_sockets;
  confinement.spawn = permissions.spawn;
  confinement.system_calls = std::move(*filter);
  confinement.limits = {
      limits.memory, limits.files,
      static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(limits.cpu).count()),
      limits.processes};
  return confinement;
}

WorkerLimits unite_limits(const WorkerLimits& one, const WorkerLimits& other) {
  const bool endless = one.cpu == Duration::zero() || other.cpu == Duration::zero();
  return {std::max(one.memory, other.memory), std::max(one.files, other.files),
          endless ? Duration::zero() : std::max(one.cpu, other.cpu),
          std::max(one.processes, other.processes)};
}

}  // namespace unity::host
