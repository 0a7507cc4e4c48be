// What a collector's worker may touch and use: the keys `permissions` and `limits`.
#include <fmt/format.h>

#include "config/options.hpp"
#include "config/sections.hpp"

namespace unity::host {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

constexpr Key<WorkerLimits> kKeys[] = {
    {"memory", [](Reader& r, const Entry& e,
                  WorkerLimits& l) { assign(l.memory, r.size(e, 16 * kMiB, kMiB * kMiB)); }},
    {"files", [](Reader& r, const Entry& e,
                 WorkerLimits& l) { assign(l.files, r.whole(e, 16, 1'048'576)); }},
    {"cpu",
     [](Reader& r, const Entry& e, WorkerLimits& l) {
       assign(l.cpu, r.duration(e, Duration::zero(), kLongestInterval));
     }},
    {"processes", [](Reader& r, const Entry& e,
                     WorkerLimits& l) { assign(l.processes, r.whole(e, 1, 100'000)); }},
};

}  // namespace

void read_limits(Reader& reader, const Entry& entry, WorkerLimits& limits) {
  reader.section(entry, kKeys, limits);
}

void read_permissions(Reader& reader, const Entry& entry, PermissionChanges& permissions) {
  if (entry.value.kind == Node::Kind::null) return;
  const auto written = read_options(entry.value);
  std::vector<PermissionProblem> problems;
  permissions = unity::read_permissions(written.value, problems);
  const auto whole = entry.value.place.location();
  for (const auto& problem : problems) {
    const auto place = problem.at_key ? written.locate_key(problem.pointer, whole)
                                      : written.locate(problem.pointer, whole);
    reader.diagnostics().error(
        place, fmt::format("`{}{}` {}", entry.key, problem.pointer, problem.message));
  }
}

}  // namespace unity::host
