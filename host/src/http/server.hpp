// A small HTTP/1.1 server for GET on a loopback address: one session per connection, parsed by
// Beast, served on the control thread. Bounded in connections, header size and time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/event_loop.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Answers a request by its path, without the query string. Called on the control thread.
using HttpHandler = std::function<HttpResponse(std::string_view path)>;

class HttpServer {
 public:
  // Listens from now on. The error names the address and what to do.
  static Result<std::unique_ptr<HttpServer>> listen(EventLoop& loop, const std::string& address,
                                                    std::uint16_t port, HttpHandler handler);
  ~HttpServer();

  // Where it listens: the real port if 0 was asked for.
  std::string url() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace unity::host
