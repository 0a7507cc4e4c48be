// From what collectors may do to what their worker is confined to.
#pragma once

#include "config/worker_limits.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/model/permissions.hpp"
#include "worker/confine/confinement.hpp"

namespace unity::host {

// `permissions` and `limits` are those of all members of the worker together. The options must have
// been put into the paths (resolve_options). Takes milliseconds, and is good for any number of
// workers that may do the same.
Result<worker::Confinement> confinement_of(const Permissions& permissions,
                                           const WorkerLimits& limits);

// The larger of each; no limit of processor time if one of them has none.
WorkerLimits unite_limits(const WorkerLimits& one, const WorkerLimits& other);

}  // namespace unity::host
