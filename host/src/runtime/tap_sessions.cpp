#include "runtime/tap_sessions.hpp"

#include <fmt/format.h>

#include <mutex>
#include <utility>

namespace unity::host {
namespace {

using std::chrono::steady_clock;

}  // namespace

struct TapSessions::Buffer {
  std::mutex mutex;
  std::vector<std::string> lines;
  std::uint64_t skipped = 0;

  void put(std::string line) {
    const std::lock_guard lock(mutex);
    if (lines.size() < kLinesMax) {
      lines.push_back(std::move(line));
    } else {
      ++skipped;
    }
  }
};

TapSessions::TapSessions(EventLoop& loop, Taps& taps) : loop_(loop), taps_(taps), timer_(loop) {}

TapSessions::~TapSessions() {
  for (const auto& [id, session] : sessions_) taps_.remove(session.tap);
}

void TapSessions::begin(TapRequest request, const Done& done) {
  if (sessions_.size() >= kSessionsMax) {
    return done(Error{Errc::unavailable, fmt::format("{} others watch already", kSessionsMax)});
  }
  const auto id = next_id_++;
  Session session;
  session.buffer = std::make_shared<Buffer>();
  session.asked = steady_clock::now();
  session.tap = taps_.add(std::move(request), [buffer = session.buffer](std::string line) {
    buffer->put(std::move(line));
  });
  sessions_.emplace(id, std::move(session));
  if (sessions_.size() == 1) look_after();
  done(TapLines{id, {}, 0});
}

void TapSessions::fetch(std::uint64_t id, Done done) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) {
    return done(Error{Errc::not_found, "nobody fetched what was watched for too long; begin anew"});
  }
  found->second.asked = steady_clock::now();
  found->second.waiting = std::move(done);
  answer(id);
}

void TapSessions::answer(std::uint64_t id) {
  auto& session = sessions_.at(id);
  if (!session.waiting) return;
  TapLines lines;
  lines.session = id;
  {
    const std::lock_guard lock(session.buffer->mutex);
    lines.lines.swap(session.buffer->lines);
    lines.skipped = std::exchange(session.buffer->skipped, 0);
  }
  const bool patient = steady_clock::now() - session.asked < kWait;
  if (lines.lines.empty() && patient) return;
  std::exchange(session.waiting, {})(std::move(lines));
}

void TapSessions::look_after() {
  const auto now = steady_clock::now();
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    if (now - session->second.asked > kForgetAfter) {
      taps_.remove(session->second.tap);
      session = sessions_.erase(session);
    } else {
      answer((session++)->first);
    }
  }
  if (!sessions_.empty()) {
    timer_.set(now + std::chrono::milliseconds(50), [this] { look_after(); });
  }
}

}  // namespace unity::host
