// The golden plugins in the host's own runtime, the very code that runs every plugin. Built twice:
// with the header as it is, and with that of the simulated 1.1. So what the runtime does must not
// depend on how long the structs of its own header are.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>

#include "worker/runtime/instance.hpp"
#include "worker/runtime/limits.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Keeps what a host would keep for one instance.
class KeptServices final : public PluginServices {
 public:
  void log(std::uint32_t, std::string_view message, std::string_view) override {
    const std::lock_guard lock(mutex_);
    ++lines_;
    last_line_ = message;
    logged_.notify_all();
  }
  std::uint32_t log_min_level() const override { return UNITY_LOG_INFO; }
  unity_status secret(std::string_view name, std::string& value) override {
    if (name != "db") return UNITY_E_DENIED;
    value = "hunter2";
    return UNITY_OK;
  }
  unity_status state_get(std::string_view key, std::string& value) override {
    const auto found = state_.find(key);
    if (found == state_.end()) return UNITY_E_NOT_FOUND;
    value = found->second;
    return UNITY_OK;
  }
  unity_status state_put(std::string_view key, std::string_view value) override {
    if (value.empty()) {
      state_.erase(std::string(key));
    } else {
      state_.insert_or_assign(std::string(key), std::string(value));
    }
    return UNITY_OK;
  }

  void wait_for_line() {
    std::unique_lock lock(mutex_);
    logged_.wait(lock, [this] { return lines_ > 0; });
    lines_ = 0;
  }
  std::string last_line() {
    const std::lock_guard lock(mutex_);
    return last_line_;
  }

 private:
  std::map<std::string, std::string, std::less<>> state_;
  std::mutex mutex_;
  std::condition_variable logged_;
  int lines_ = 0;
  std::string last_line_;
};

// Has no room for the first `full` batches, and cancels the call once `enough` were taken.
class Sink final : public StreamSink {
 public:
  Sink(InlineCancelToken& token, std::size_t enough, int full = 0)
      : token_(token), enough_(enough), full_(full) {}

  unity_status push(Emission&& emission, std::uint64_t) override {
    const std::lock_guard lock(mutex_);
    if (token_.fired()) return UNITY_E_CANCELLED;
    if (full_-- > 0) return UNITY_E_AGAIN;
    taken.push_back(std::move(emission));
    if (taken.size() == enough_) token_.fire();
    return UNITY_OK;
  }
  void ready() override { is_ready = true; }
  void shut() override {}

  std::vector<Emission> taken;  // to be read after the stream
  std::atomic<bool> is_ready = false;

 private:
  InlineCancelToken& token_;
  std::size_t enough_;
  int full_;
  std::mutex mutex_;
};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::shared_ptr<const Library> load(const std::string& name) {
  static auto& loaded = *new std::map<std::string, std::shared_ptr<const Library>>;
  auto& library = loaded[name];
  if (library != nullptr) return library;
  const auto file = std::filesystem::path(UNITY_GOLDEN) / (name + ".so");
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);  // stays open, as the loader asks
  auto result =
      Library::load(fd, {file.string(),
                         read_text(std::filesystem::path(UNITY_GOLDEN_SOURCES) / (name + ".json")),
                         {name},
                         {}});
  if (!result) throw std::runtime_error(result.error().message);
  return library = *result;
}

class Golden : public testing::Test {
 protected:
  PluginInstance make(const std::string& name, std::string options = "{}",
                      std::string checkpoint = {}) {
    return {load(name), {"golden-1", name, std::move(options), std::move(checkpoint)}, services_};
  }

  KeptServices services_;
  InlineCancelToken token_;
  Instant deadline_ = std::chrono::steady_clock::now() + std::chrono::hours(1);
};

std::vector<std::string> checkpoints(const std::vector<Emission>& emissions) {
  std::vector<std::string> found;
  for (const auto& emission : emissions) found.push_back(emission.checkpoint);
  return found;
}

TEST_F(Golden, PolledHasItsBatchesTaken) {
  auto instance = make("polled", R"({"partial":1})");

  const auto result = instance.collect(token_, deadline_);

  EXPECT_EQ(result.run_class, RunClass::partial);
  EXPECT_EQ(result.message, "one of two was silent");
  ASSERT_THAT(result.emissions, SizeIs(2));
  EXPECT_THAT(result.emissions[0].text, HasSubstr(R"("id_length":8,"clock_advanced":1)"));
  EXPECT_EQ(result.emissions[1].format, Emission::Format::json_array);
}

TEST_F(Golden, FailingIsHeardWithAllItSays) {
  auto instance = make("failing", R"({"status":-3})");

  const auto result = instance.collect(token_, deadline_);

  EXPECT_EQ(result.run_class, RunClass::auth);
  EXPECT_EQ(result.message, "the source is closed on Sundays");
  EXPECT_EQ(result.code, "golden.sunday");
  EXPECT_EQ(result.retry_after, std::chrono::milliseconds(1500));
  EXPECT_THAT(result.emissions, IsEmpty());
}

TEST_F(Golden, StateIsKeptForTheNextInstanceAndBounded) {
  make("state").collect(token_, deadline_);

  const auto result = make("state").collect(token_, deadline_);

  ASSERT_THAT(result.emissions, SizeIs(1)) << result.message;
  EXPECT_THAT(result.emissions[0].text,
              HasSubstr(R"({"runs":2,"found":0,"deleted":0,"after_delete":-9,"too_much":-12})"));
}

TEST_F(Golden, SecretsComeByNameAndNoOther) {
  auto instance = make("secrets", R"({"token":{"$secret":"db"}})");

  const auto result = instance.collect(token_, deadline_);

  ASSERT_THAT(result.emissions, SizeIs(1)) << result.message;
  EXPECT_THAT(result.emissions[0].text,
              HasSubstr(R"({"times":1,"length":7,"sum":712,"not_ours":-10,"not_ours_times":0})"));
}

TEST_F(Golden, CheckpointsTravelWithTheirBatches) {
  auto instance = make("checkpoint", "{}", "41");

  const auto result = instance.collect(token_, deadline_);

  EXPECT_THAT(checkpoints(result.emissions), ElementsAre("42", "43", "44")) << result.message;
}

TEST_F(Golden, ChangingTakesOptionsAndKeepsTheOldOnesWhenItRefuses) {
  auto instance = make("changing");
  instance.collect(token_, deadline_);

  const auto taken = instance.reconfigure(R"({"step":5})", token_, deadline_);
  const auto refused = instance.reconfigure(R"({"step":-1})", token_, deadline_);

  ASSERT_TRUE(taken && refused);
  EXPECT_EQ(taken->run_class, RunClass::ok);
  EXPECT_EQ(refused->run_class, RunClass::config);
  EXPECT_EQ(refused->message, "step must be 1 or more");
  const auto result = instance.collect(token_, deadline_);
  ASSERT_THAT(result.emissions, SizeIs(1));
  EXPECT_THAT(result.emissions[0].text, HasSubstr(R"({"step":5,"value":6})"));
}

TEST_F(Golden, ChangingAnswersAProbe) {
  EXPECT_EQ(make("changing").probe(token_, deadline_).run_class, RunClass::ok);
  EXPECT_EQ(make("changing", R"({"step":13})").probe(token_, deadline_).run_class,
            RunClass::transient);
}

TEST_F(Golden, WaitingIsWokenByItsTokenAndByInterrupt) {
  for (const auto* options : {"{}", R"({"by_interrupt":1})"}) {
    auto instance = make("waiting", options);
    RunResult result;
    std::thread call([&] { result = instance.collect(token_, deadline_); });
    services_.wait_for_line();

    token_.fire();
    instance.interrupt();
    call.join();

    EXPECT_EQ(result.run_class, RunClass::cancelled) << options;
    token_.reset();
  }
}

TEST_F(Golden, StreamingReachesTheEndOfItsSourcePastAFullHost) {
  auto instance = make("streaming", R"({"count":4})");
  Sink sink(token_, 100, 3);

  const auto result = instance.stream(token_, sink);

  EXPECT_EQ(result.run_class, RunClass::ok) << result.message;
  EXPECT_TRUE(result.exhausted);
  EXPECT_TRUE(sink.is_ready);
  EXPECT_THAT(checkpoints(sink.taken), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(services_.last_line(), "refused 3 times");
}

TEST_F(Golden, StreamingIsCancelledAndGoesOnFromItsCheckpoint) {
  auto instance = make("streaming", "{}", "7");
  Sink first(token_, 3);
  EXPECT_EQ(instance.stream(token_, first).run_class, RunClass::cancelled);
  token_.reset();

  Sink second(token_, 2);
  EXPECT_EQ(instance.stream(token_, second).run_class, RunClass::cancelled);

  EXPECT_THAT(checkpoints(first.taken), ElementsAre("8", "9", "10"));
  EXPECT_THAT(checkpoints(second.taken), ElementsAre("11", "12"));
}

}  // namespace
}  // namespace unity::host
