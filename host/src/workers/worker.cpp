#include "workers/worker.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cstring>

#include "log/log.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kLastLines = 20;
constexpr std::size_t kLineMax = 500;
// Of one request's turn: a worker that asks without end must not keep the others waiting.
constexpr std::size_t kOutputAtOnce = std::size_t{16} << 10;

// The keeper serves all workers: one that does not read its answers is not waited for.
constexpr auto kReplyPatience = std::chrono::milliseconds(100);

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return fmt::format("killed by signal {} ({})", signal, ::strsignal(signal));
  }
  const int code = WEXITSTATUS(status);
  return fmt::format("it left by itself with exit code {}", code);
}

std::string printable(std::string line) {
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line;
}

}  // namespace

Worker::Worker(std::uint64_t number, Spawned process, Lane first, Channel services,
               FileDescriptor output, SlotFile slots)
    : number_(number),
      process_(std::move(process)),
      services_(std::move(services)),
      output_(std::move(output)),
      slots_(std::move(slots)) {
  services_.set_send_timeout(kReplyPatience);
  lane_sockets_[0] = first.channel.fd();
  idle_.push_back(std::make_unique<Lane>(std::move(first)));
}

// The keeper holds it until it was reaped.
Worker::~Worker() = default;

std::unique_ptr<Worker::Lane> Worker::take_lane() {
  std::unique_lock lock(mutex_);
  if (ended_) return nullptr;
  if (!idle_.empty()) {
    auto lane = std::move(idle_.back());
    idle_.pop_back();
    return lane;
  }
  lock.unlock();
  return add_lane();
}

// Through a lane that is free for a moment, or through lane 0's socket: another call may be under
// way on it, but the message needs no answer and packets do not mix.
std::unique_ptr<Worker::Lane> Worker::add_lane() {
  auto ends = Channel::make();
  FileDescriptor cancelled(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!ends || !cancelled) return nullptr;
  return nullptr;
}

void Worker::give_back(std::unique_ptr<Lane> lane) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(lane));
  change_.notify_all();
}

Error Worker::gone() const {
  return {Errc::unavailable, fmt::format("worker {} has ended", process_.pid)};
}

Result<void> Worker::answered(Lane& lane, std::string_view what) {
  const auto strange = [&] {
    kill(fmt::format("its answer to {} is not of the protocol", what));
    return gone();
  };
  if (!lane.channel.receive()) return gone();
  const auto kind = kind_to_host(lane.channel.message());
  if (kind == ToHost::ready) return {};
  if (kind != ToHost::failed) return strange();
  auto failed = decode<FailedMessage>(lane.channel.message());
  if (!failed) return strange();
  return Error{Errc::invalid, std::move(failed->message)};
}

Result<std::vector<std::string>> Worker::confine(Lane& lane, const std::string& confinement) {
  if (!lane.channel.send(encode(ConfineMessage{confinement}))) return gone();
  if (auto ready = answered(lane, "confine"); !ready) return std::move(ready).error();
  auto message = decode<ReadyMessage>(lane.channel.message());
  return message ? std::move(message->gaps) : std::vector<std::string>();
}

Result<std::uint32_t> Worker::load(Lane& lane, const PluginImage& image) {
  const std::lock_guard one_at_a_time(loading_);
  std::uint32_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = images_.find(image.hash); found != images_.end()) return found->second;
    number = static_cast<std::uint32_t>(images_.size()) + 1;
  }
  const auto bytes = encode(LoadMessage{number, image.identity});
  if (!lane.channel.send(bytes, {image.memory.get()})) return gone();
  if (auto loaded = answered(lane, "load"); !loaded) return std::move(loaded).error();
  const std::lock_guard lock(mutex_);
  images_[image.hash] = number;
  return number;
}

Result<std::uint32_t> Worker::add_instance(Lane& lane, std::uint32_t image,
                                           const InstanceSpec& spec,
                                           std::shared_ptr<PluginServices> services) {
  AddInstanceMessage message;
  message.image = image;
  message.log_min_level = services->log_min_level();
  message.spec = spec;
  {
    const std::lock_guard lock(mutex_);
    message.instance = next_instance_++;
    services_of_[message.instance] = std::move(services);
  }
  if (!lane.channel.send(encode(message))) return gone();
  return message.instance;
}

bool Worker::destroy_instance(Lane& lane, std::uint32_t instance, Duration patience) {
  pollfd answer{lane.channel.fd(), POLLIN, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  const bool done = lane.channel.send(encode(DestroyMessage{instance})) &&
                    ::poll(&answer, 1, static_cast<int>(milliseconds)) == 1 &&
                    answered(lane, "destroy").has_value();
  const std::lock_guard lock(mutex_);
  services_of_.erase(instance);
  return done;
}

void Worker::kill(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (kill_reason_.empty()) kill_reason_ = reason;
  }
  if (!ended_) ::kill(process_.pid, SIGKILL);
  shut_lanes();
}

void Worker::shut_lanes() {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, socket] : lane_sockets_) ::shutdown(socket, SHUT_RDWR);
}

std::optional<WorkerEnd> Worker::end(Instant deadline) {
  std::unique_lock lock(mutex_);
  change_.wait_until(lock, deadline, [this] { return end_.has_value(); });
  return end_;
}

void Worker::reaped(int wait_status) {
  while (read_output()) {  // what it said last
  }
  WorkerEnd end;
  end.why = how_it_ended(wait_status);
  if (WIFSIGNALED(wait_status)) end.signal = WTERMSIG(wait_status);
  const auto& crash = slots_.page().crash;
  if (crash.written == 1) end.crashed_lane = crash.lane;
  end.last_output.assign(last_lines_.begin(), last_lines_.end());
  {
    const std::lock_guard lock(mutex_);
    end.kill = kill_reason_;
    ended_ = true;
    end_ = std::move(end);
    services_of_.clear();
  }
  shut_lanes();
  change_.notify_all();
}

bool Worker::serve_request() {
  switch (services_.receive_part()) {
    case Channel::Arrival::message:
      break;
    case Channel::Arrival::part:
    case Channel::Arrival::nothing:
      return true;
    case Channel::Arrival::gone:
      return false;
  }
  const auto request = decode<ServiceRequest>(services_.message());
  if (!request) {
    kill("what it asks of the host is not of the protocol");
    return false;
  }
  std::shared_ptr<PluginServices> services;
  {
    const std::lock_guard lock(mutex_);
    const auto found = services_of_.find(request->instance);
    if (found != services_of_.end()) services = found->second;
  }
  if (request->service == Service::log) {
    if (services) services->log(request->level, request->name, request->value);
    return true;
  }
  ServiceReply reply;
  reply.status = UNITY_E_INVALID;
  if (services) {
    switch (request->service) {
      case Service::secret:
        reply.status = services->secret(request->name, reply.value);
        break;
      case Service::state_get:
        reply.status = services->state_get(request->name, reply.value);
        break;
      case Service::state_put:
        reply.status = services->state_put(request->name, request->value);
        break;
      case Service::log:
        break;
    }
  }
  auto bytes = encode(reply);
  const bool sent = services_.send(bytes);
  wipe(reply.value);
  wipe(bytes);
  if (!sent) kill("it asks the host for something and does not read the answer");
  return sent;
}

bool Worker::read_output() {
  std::array<char, kOutputAtOnce> bytes;
  const auto got = ::read(output_.get(), bytes.data(), bytes.size());
  if (got <= 0) return false;
  for (const char c : std::string_view(bytes.data(), static_cast<std::size_t>(got))) {
    if (c != '\n' && line_.size() < kLineMax) {
      line_ += c;
      continue;
    }
    if (last_lines_.size() == kLastLines) last_lines_.pop_front();
    last_lines_.push_back(printable(std::exchange(line_, {})));
    log_info("[worker {}] {}", number_, last_lines_.back());
    if (c != '\n') line_ = c;
  }
  return true;
}

}  // namespace unity::host
