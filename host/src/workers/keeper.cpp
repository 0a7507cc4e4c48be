#include "workers/keeper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <array>
#include <cstring>
#include <future>
#include <set>

#include "runtime/host_ends.hpp"
#include "runtime/thread.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kPipeBytes = std::size_t{16} << 10;
constexpr int kEventsAtOnce = 64;
// How long the end of the host waits for workers that were killed.
constexpr int kReapAtEndMs = 200;

}  // namespace

Keeper::Keeper(std::filesystem::path binary, std::filesystem::path slots)
    : binary_(std::move(binary)),
      slots_(std::move(slots)),
      cgroups_(Cgroups::take_over(CgroupPlace::of_this_process())),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_.get();
  ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
  thread_ = start_thread([this] { run(); });
}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  post([] {});
  thread_.join();
}

void Keeper::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

Result<std::shared_ptr<Worker>> Keeper::start(const std::string& who, const CgroupLimits& limits) {
  std::promise<Result<std::shared_ptr<Worker>>> promise;
  auto started = promise.get_future();
  post([&] { promise.set_value(launch(who, limits)); });
  return started.get();
}

Result<std::shared_ptr<Worker>> Keeper::launch(const std::string& who, const CgroupLimits& limits) {
  auto control = Channel::make();
  if (!control) return control.error();
  auto services = Channel::make();
  if (!services) return services.error();
  FileDescriptor cancel(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  std::array<int, 2> pipe{-1, -1};
  if (!cancel || ::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return Error{Errc::unavailable, fmt::format("cannot start a worker: {}", std::strerror(errno))};
  }
  FileDescriptor output(pipe[0]);
  const FileDescriptor input(pipe[1]);
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(output.get(), F_SETPIPE_SZ, kPipeBytes);
  // A plugin that writes to a full pipe must not hang in it: what does not fit is lost.
  ::fcntl(input.get(), F_SETFL, O_NONBLOCK);
  auto slots = SlotFile::create(slots_, fmt::format("worker-{}", ++started_));
  if (!slots) return slots.error();
  WorkerStart start;
  start.lane = control->second.fd();
  start.cancel = cancel.get();
  start.services = services->second.fd();
  start.slots = slots->fd();
  start.output = input.get();
  auto process = spawn_worker(binary_, start);
  if (!process) return process.error();
  slots->page().pid = static_cast<std::uint32_t>(process->pid);
  if (cgroups_.any()) {
    // Before it confines itself. What it has no group for is limited in another way, or told.
    auto group = cgroups_.make(started_, limits);
    if (group && group->add(process->pid)) groups_.emplace(process->pid, std::move(*group));
  }

  auto worker = std::make_shared<Worker>(
      who, std::move(*process), Worker::Lane{0, std::move(control->first), std::move(cancel)},
      std::move(services->first), std::move(output), std::move(*slots));
  ++alive_;
  for (const int fd : {worker->pidfd(), worker->output_fd(), worker->services_fd()}) {
    watched_[fd] = worker;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd, &event);
  }
  return worker;
}

void Keeper::forget(int fd) {
  ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  watched_.erase(fd);
}

void Keeper::listen(int fd, bool whether) {
  epoll_event event{};
  event.events = whether ? EPOLLIN : 0U;
  event.data.fd = fd;
  ::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Keeper::look(int fd) {
  const auto found = watched_.find(fd);
  if (found == watched_.end()) return;  // gone with an event before this one
  const auto keep = found->second;
  auto& worker = *keep;
  if (fd == worker.services_fd()) {
    if (!worker.serve_request()) forget(fd);
  } else if (fd == worker.output_fd()) {
    look_at_output(worker);
  } else {
    reap(worker);
  }
}

void Keeper::look_at_output(Worker& worker) {
  const int fd = worker.output_fd();
  switch (worker.read_output()) {
    case Worker::Output::read:
      return;
    case Worker::Output::pause:
      listen(fd, false);
      paused_.emplace_back(std::chrono::steady_clock::now() + WorkerOutput::kPause, fd);
      return;
    case Worker::Output::over:
      return forget(fd);
  }
}

int Keeper::end_pauses() {
  const auto now = std::chrono::steady_clock::now();
  for (; !paused_.empty(); paused_.pop_front()) {
    const auto [until, fd] = paused_.front();
    if (until > now) {
      const auto rest = std::chrono::ceil<std::chrono::milliseconds>(until - now);
      return static_cast<int>(rest.count());
    }
    // The number may belong to another by now, which then is merely heard.
    if (watched_.contains(fd)) listen(fd, true);
  }
  return -1;
}

// What its plugins logged last is worth most; a process that it started may go on with it.
void Keeper::hear_the_rest(Worker& worker) {
  constexpr int requests = 256;
  for (int i = 0; i < requests && worker.serve_request(); ++i) {
  }
}

void Keeper::reap(Worker& worker) {
  siginfo_t ended{};
  if (::waitid(P_PID, static_cast<id_t>(worker.pid()), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      ended.si_pid == 0) {
    return;
  }
  // What it has started goes with it. Until it is reaped, its number and its group are its own.
  ::kill(-worker.pid(), SIGKILL);
  int status = 0;
  ::waitpid(worker.pid(), &status, 0);
  hear_the_rest(worker);
  if (const auto group = groups_.find(worker.pid()); group != groups_.end()) {
    if (group->second.memory_kills() > 0) worker.ran_out_of_memory();
    groups_.erase(group);
  }
  for (const int one : {worker.pidfd(), worker.output_fd(), worker.services_fd()}) forget(one);
  --alive_;
  worker.reaped(status);
}

void Keeper::run() {
  std::array<epoll_event, kEventsAtOnce> events;
  while (true) {
    const int count = ::epoll_wait(poll_.get(), events.data(), kEventsAtOnce, end_pauses());
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd != wake_.get()) look(fd);
    }
    std::uint64_t woken = 0;
    (void)!::read(wake_.get(), &woken, sizeof woken);
    std::vector<std::function<void()>> tasks;
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      std::swap(tasks, tasks_);
      stopping = stopping_;
    }
    for (const auto& task : tasks) task();
    if (stopping) break;
  }
  std::set<std::shared_ptr<Worker>> left;
  for (const auto& [fd, worker] : watched_) left.insert(worker);
  for (const auto& worker : left) worker->kill(std::string(kHostEnds));
  for (int waited = 0; waited < kReapAtEndMs && !watched_.empty(); ++waited) {
    const int count = ::epoll_wait(poll_.get(), events.data(), kEventsAtOnce, 1);
    for (int i = 0; i < count; ++i) look(events[static_cast<std::size_t>(i)].data.fd);
  }
}

}  // namespace unity::host
