#include "app/http_answers.hpp"

namespace unity::host {

HttpResponse answer_http(std::string_view path, const std::function<HostStatus()>& status,
                         LatestValues* values) {
  if (path == "/health/live") return {200, "text/plain; charset=utf-8", "live\n"};
  if (path == "/health/ready") {
    const auto problem = find_problem(status().delivery);
    if (problem.empty()) return {200, "text/plain; charset=utf-8", "ready\n"};
    return {503, "text/plain; charset=utf-8", "not ready: " + problem + "\n"};
  }
  if (path == "/metrics") {
    const auto now = status();
    return {
        200, "text/plain; version=0.0.4; charset=utf-8",
        to_prometheus(now, values != nullptr ? values->all(now.now) : std::vector<LatestValue>())};
  }
  return {404, "text/plain; charset=utf-8",
          "not found; there are /metrics, /health/live and /health/ready\n"};
}

}  // namespace unity::host
