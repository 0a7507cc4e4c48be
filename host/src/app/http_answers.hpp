// What the HTTP server says: the health of the host and its metrics.
#pragma once

#include <functional>

#include "app/host_status.hpp"
#include "http/server.hpp"

namespace unity::host {

// `values` are shown in /metrics too, if there are any.
HttpResponse answer_http(std::string_view path, const std::function<HostStatus()>& status,
                         LatestValues* values);

}  // namespace unity::host
