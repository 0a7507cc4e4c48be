#include "workers/worker.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "log/log.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kOutputAtOnce = std::size_t{16} << 10;
// What it printed last, which is no more than its pipe holds; but what it has started may hold the
// other end and print on.
constexpr int kLastReads = 4;

// No plugin's code is in the way of a new lane.
constexpr auto kLaneTime = std::chrono::seconds(10);

// The keeper serves all workers, and waits for none: who has one question open has room for the
// answer.
constexpr int kAnswerRoom = 1 << 20;

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return fmt::format("killed by signal {} ({})", signal, ::strsignal(signal));
  }
  const int code = WEXITSTATUS(status);
  return fmt::format("it left by itself with exit code {}", code);
}

}  // namespace

Worker::Worker(std::string who, Spawned process, Lane control, Channel services,
               FileDescriptor output, SlotFile slots)
    : process_(std::move(process)),
      services_(std::move(services)),
      output_(std::move(output)),
      slots_(std::move(slots)),
      control_(std::move(control)),
      printed_(std::move(who)) {
  services_.set_send_room(kAnswerRoom);
}

// The keeper holds it until it was reaped.
Worker::~Worker() = default;

Worker::Lane* Worker::take_lane() {
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || !kill_reason_.empty()) return nullptr;
    if (!idle_.empty()) {
      auto* lane = idle_.back();
      idle_.pop_back();
      return lane;
    }
  }
  return add_lane();
}

Worker::Lane* Worker::add_lane() {
  const std::lock_guard control(control_mutex_);
  auto ends = Channel::make();
  auto lane = std::make_unique<Lane>();
  lane->cancelled = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!ends || !lane->cancelled) return nullptr;
  lane->channel = std::move(ends->first);
  lane->number = static_cast<std::uint32_t>(lanes_.size()) + 1;
  if (lane->number == SlotPage::kLanes) return nullptr;
  const auto made = ask("add_lane", encode(AddLaneMessage{lane->number}),
                        {ends->second.fd(), lane->cancelled.get()}, kLaneTime);
  const std::lock_guard lock(mutex_);
  if (!made || !kill_reason_.empty()) return nullptr;
  return lanes_.emplace_back(std::move(lane)).get();
}

void Worker::give_back(Lane* lane) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(lane);
}

Error Worker::gone() const {
  return {Errc::unavailable, fmt::format("worker {} has ended", process_.pid)};
}

Result<void> Worker::ask(std::string_view what, const std::string& bytes,
                         const std::vector<int>& descriptors, std::optional<Duration> patience) {
  auto& channel = control_.channel;
  if (!channel.send(bytes, descriptors)) return gone();
  if (!patience) {
    if (!channel.receive()) return gone();
  } else if (!answered_within(channel, *patience)) {
    kill(fmt::format("it did not answer {} within {}", what, to_text(*patience)));
    return gone();
  }
  const auto kind = kind_to_host(channel.message());
  if (kind == ToHost::ready) return {};
  auto failed = kind == ToHost::failed ? decode<FailedMessage>(channel.message()) : std::nullopt;
  if (failed) return Error{Errc::invalid, std::move(failed->message)};
  kill(fmt::format("its answer to {} is not of the protocol", what));
  return gone();
}

Result<std::vector<std::string>> Worker::confine(const std::string& confinement) {
  const std::lock_guard control(control_mutex_);
  if (auto done = ask("confine", encode(ConfineMessage{confinement})); !done) {
    return std::move(done).error();
  }
  auto ready = decode<ReadyMessage>(control_.channel.message());
  return ready ? std::move(ready->gaps) : std::vector<std::string>();
}

Result<std::uint32_t> Worker::load(const std::shared_ptr<const PluginImage>& image) {
  const std::lock_guard control(control_mutex_);
  if (const auto found = loaded_.find(image->hash); found != loaded_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(images_.size()) + 1;
  images_[number] = image;
  if (auto done = ask("load", encode(LoadMessage{number, image->identity}), {image->memory.get()});
      !done) {
    return std::move(done).error();
  }
  loaded_[image->hash] = number;
  return number;
}

ImagesByNumber Worker::images() {
  const std::lock_guard control(control_mutex_);
  return images_;
}

Result<std::uint32_t> Worker::add_instance(std::uint32_t image, const InstanceSpec& spec,
                                           std::shared_ptr<PluginServices> services) {
  AddInstanceMessage message;
  message.image = image;
  message.log_min_level = services->log_min_level();
  message.spec = spec;
  {
    const std::lock_guard lock(mutex_);
    for (const auto destroyed : destroyed_) services_of_.erase(destroyed);
    destroyed_.clear();
    message.instance = next_instance_++;
    services_of_[message.instance] = std::move(services);
  }
  const std::lock_guard control(control_mutex_);
  if (auto done = ask("add_instance", encode(message)); !done) return std::move(done).error();
  return message.instance;
}

std::optional<std::uint32_t> Worker::destroy_instance(std::uint32_t instance, Duration patience) {
  auto* lane = take_lane();  // it may hang, as any call may
  if (lane == nullptr) {
    if (usable()) return std::nullopt;
    return CrashReport::kNoLane;
  }
  if (!lane->channel.send(encode(DestroyMessage{instance}))) return lane->number;
  if (!answered_within(lane->channel, patience)) {
    kill(fmt::format("it did not return within {}", to_text(patience)), lane->number);
    return lane->number;
  }
  give_back(lane);
  const std::lock_guard lock(mutex_);
  destroyed_.push_back(instance);
  return std::nullopt;
}

// Not the rest of a longer message: that may never come.
bool Worker::answered_within(Channel& channel, Duration patience) {
  pollfd answer{channel.fd(), POLLIN, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  return ::poll(&answer, 1, static_cast<int>(milliseconds)) == 1 &&
         channel.receive_part() == Channel::Arrival::message;
}

void Worker::kill(const std::string& reason, std::uint32_t culprit) {
  {
    const std::lock_guard lock(mutex_);
    if (kill_reason_.empty()) {
      kill_reason_ = reason;
      culprit_ = culprit;
      killed_ = true;
    }
  }
  // By its descriptor: its number may be another's by now.
  if (!ended_) ::syscall(SYS_pidfd_send_signal, process_.pidfd.get(), SIGKILL, nullptr, 0);
  shut_lanes();
}

void Worker::shut_lanes() {
  const std::lock_guard lock(mutex_);
  control_.channel.shut();
  for (const auto& lane : lanes_) lane->channel.shut();
}

bool Worker::is_leaving() const {
  constexpr unsigned long exiting = 0x4;  // PF_EXITING of the kernel
  if (ended_) return true;
  std::ifstream in(fmt::format("/proc/{}/stat", process_.pid));
  std::string text;
  std::getline(in, text);
  const auto name_end = text.rfind(')');
  if (name_end == text.npos) return true;
  // State, parent, group, session, terminal, its group, flags.
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 6; ++i) fields >> skipped;
  unsigned long flags = 0;
  fields >> flags;
  return (flags & exiting) != 0;
}

std::optional<WorkerEnd> Worker::end(Instant deadline) {
  std::unique_lock lock(mutex_);
  change_.wait_until(lock, deadline, [this] { return end_.has_value(); });
  return end_;
}

void Worker::reaped(int wait_status) {
  // First of all: who waits for an answer on the control lane holds what images() wants, and what
  // the worker has started may keep the other end open.
  shut_lanes();
  for (int i = 0; i < kLastReads && read_output() != Output::over; ++i) {
  }
  printed_.finish();
  WorkerEnd end;
  end.why = how_it_ended(wait_status);
  if (WIFSIGNALED(wait_status)) end.signal = WTERMSIG(wait_status);
  if (slots_.page().out_of_memory != 0) {
    end.why += ", having reached the limit of its memory, which `limits.memory` raises";
  }
  const auto& crash = slots_.page().crash;
  auto backtrace = backtrace_of(slots_.page(), images());
  end.backtrace = std::move(backtrace.lines);
  end.plugin = std::move(backtrace.plugin);
  end.last_output = printed_.last_lines();
  {
    const std::lock_guard lock(mutex_);
    // It may have been quicker than the host.
    const bool killed = !kill_reason_.empty() && end.signal == SIGKILL;
    if (killed) end.kill = kill_reason_;
    // Lane 0 makes no calls: what crashes there is the plugin that is being loaded.
    const bool in_call = crash.written == 1 && crash.lane != 0;
    end.culprit = killed ? culprit_ : in_call ? crash.lane : CrashReport::kNoLane;
    ended_ = true;
    end_ = std::move(end);
    services_of_.clear();
  }
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
    const bool gone =
        std::find(destroyed_.begin(), destroyed_.end(), request->instance) != destroyed_.end();
    // What it logged before it was destroyed may be read after that.
    const bool served = !gone || request->service == Service::log;
    if (found != services_of_.end() && served) services = found->second;
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
  const bool sent = services_.send_now(bytes);
  wipe(reply.value);
  wipe(bytes);
  if (!sent) kill("it asks the host for something and does not read the answer");
  return sent;
}

Worker::Output Worker::read_output() {
  std::array<char, kOutputAtOnce> bytes;
  const auto got = ::read(output_.get(), bytes.data(), bytes.size());
  if (got <= 0) return got < 0 && errno == EINTR ? Output::read : Output::over;
  const auto now = std::chrono::steady_clock::now();
  printed_.take({bytes.data(), static_cast<std::size_t>(got)}, now);
  return printed_.wants_pause(now) ? Output::pause : Output::read;
}

}  // namespace unity::host
