#include "worker/runtime/handles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <thread>

#include "support/recorded_services.hpp"
#include "worker/runtime/limits.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::string_view kRecord = R"({"metric":"m","value":1})";

unity_str text(std::string_view view) { return {view.data(), view.size()}; }

unity_batch batch_of(std::string_view data) {
  unity_batch batch{};
  batch.struct_size = sizeof batch;
  batch.format = UNITY_FORMAT_NDJSON;
  batch.data = text(data);
  return batch;
}

unity_error error_of(std::string_view message, std::string_view code = {}) {
  unity_error error{};
  error.struct_size = sizeof error;
  error.message = text(message);
  error.code = text(code);
  return error;
}

// A plugin of the call's other side: everything goes through the ABI's function table.
class CallTest : public testing::Test {
 protected:
  unity_status emit(const unity_batch& batch) { return call_.api->emit(&call_, &batch); }
  unity_status emit(std::string_view data) { return emit(batch_of(data)); }
  void fail(const unity_error& error) { call_.api->fail(&call_, &error); }

  InlineCancelToken token_;
  Instant deadline_ = std::chrono::steady_clock::now() + 1h;
  std::vector<std::string> datasets_ = {"drives"};
  CallHandle call_{token_, deadline_, datasets_};
};

TEST_F(CallTest, CopiesWhatIsEmitted) {
  std::string data(kRecord);
  ASSERT_EQ(emit(data), UNITY_OK);
  data.assign(data.size(), 'x');

  const auto result = call_.finish(UNITY_OK);

  EXPECT_EQ(result.run_class, RunClass::ok);
  ASSERT_THAT(result.emissions, SizeIs(1));
  EXPECT_EQ(result.emissions[0].text, kRecord);
}

TEST_F(CallTest, KeepsTheTimeOfABatch) {
  auto batch = batch_of(kRecord);
  batch.time_unix_ns = 1'750'000'000'123'456'789;
  batch.format = UNITY_FORMAT_JSON_ARRAY;
  ASSERT_EQ(emit(batch), UNITY_OK);

  const auto result = call_.finish(UNITY_OK);

  ASSERT_THAT(result.emissions, SizeIs(1));
  EXPECT_EQ(result.emissions[0].format, Emission::Format::json_array);
  EXPECT_EQ(result.emissions[0].time, Time(1'750'000'000'123'456us));
}

TEST_F(CallTest, TakesABatchOfSixteenMebibytesAndNoMore) {
  const std::string largest(16 * kMiB, ' ');

  EXPECT_EQ(emit(largest), UNITY_OK);
  EXPECT_EQ(emit(largest + ' '), UNITY_E_LIMIT);
}

TEST_F(CallTest, TakesSixtyFourMebibytesARunAndNoMore) {
  const std::string largest(16 * kMiB, ' ');
  for (int i = 0; i < 4; ++i) ASSERT_EQ(emit(largest), UNITY_OK);

  EXPECT_EQ(emit(kRecord), UNITY_E_LIMIT);

  const auto result = call_.finish(UNITY_OK);
  EXPECT_EQ(result.run_class, RunClass::partial);
  EXPECT_THAT(result.emissions, SizeIs(4));
  EXPECT_THAT(result.message, HasSubstr("the run has emitted more than 67108864 bytes"));
}

TEST_F(CallTest, SaysWhyARunIsPartialThatIgnoredARefusal) {
  auto batch = batch_of(kRecord);
  batch.dataset = 2;
  ASSERT_EQ(emit(batch), UNITY_E_INVALID);
  ASSERT_EQ(emit(kRecord), UNITY_OK);

  const auto result = call_.finish(UNITY_OK);

  EXPECT_EQ(result.run_class, RunClass::partial);
  EXPECT_THAT(result.emissions, SizeIs(1));
  EXPECT_THAT(result.message, HasSubstr("emit was refused"));
  EXPECT_THAT(result.message, HasSubstr("there is no dataset number 2"));
}

TEST_F(CallTest, RowsKnowTheirDataset) {
  auto batch = batch_of(kRecord);
  batch.dataset = 1;
  ASSERT_EQ(emit(batch), UNITY_OK);
  ASSERT_EQ(emit(kRecord), UNITY_OK);

  const auto result = call_.finish(UNITY_OK);

  ASSERT_THAT(result.emissions, SizeIs(2));
  EXPECT_EQ(result.emissions[0].dataset, "drives");
  EXPECT_EQ(result.emissions[1].dataset, "");
}

TEST_F(CallTest, RefusesADatasetThatTheManifestDoesNotDeclare) {
  auto batch = batch_of(kRecord);
  batch.dataset = 2;

  EXPECT_EQ(emit(batch), UNITY_E_INVALID);
}

TEST_F(CallTest, RefusesUnknownFormatsAndFlags) {
  auto batch = batch_of(kRecord);
  batch.format = 9;
  EXPECT_EQ(emit(batch), UNITY_E_INVALID);
  batch = batch_of(kRecord);
  batch.flags = 1;
  EXPECT_EQ(emit(batch), UNITY_E_INVALID);
}

TEST_F(CallTest, KeepsTheCheckpointOfABatch) {
  auto batch = batch_of(kRecord);
  batch.checkpoint = text("at 7");
  ASSERT_EQ(emit(batch), UNITY_OK);

  EXPECT_EQ(call_.finish(UNITY_OK).emissions.at(0).checkpoint, "at 7");
}

TEST_F(CallTest, RefusesACheckpointThatIsTooLong) {
  auto batch = batch_of(kRecord);
  const std::string longest(kCheckpointSizeMax, 'x');
  batch.checkpoint = text(longest);
  EXPECT_EQ(emit(batch), UNITY_OK);

  const std::string longer = longest + "x";
  batch.checkpoint = text(longer);
  EXPECT_EQ(emit(batch), UNITY_E_LIMIT);
}

TEST_F(CallTest, RefusesAStructShorterThanTheFirstVersion) {
  auto batch = batch_of(kRecord);
  batch.struct_size = sizeof batch - 8;

  EXPECT_EQ(emit(batch), UNITY_E_INVALID);
  EXPECT_EQ(call_.api->emit(&call_, nullptr), UNITY_E_INVALID);
}

TEST_F(CallTest, TakesALongerStructIfItsTailIsZero) {
  struct Longer {
    unity_batch base;
    std::uint64_t tail;
  } batch{batch_of(kRecord), 0};
  batch.base.struct_size = sizeof batch;

  EXPECT_EQ(emit(batch.base), UNITY_OK);
  batch.tail = std::uint64_t{1} << 63;
  EXPECT_EQ(emit(batch.base), UNITY_E_TOO_NEW);
}

TEST_F(CallTest, DoesNotReadATailThatNoVersionCouldHave) {
  auto batch = batch_of(kRecord);
  batch.struct_size = 0xffffffff;

  EXPECT_EQ(emit(batch), UNITY_E_INVALID);
}

TEST_F(CallTest, RefusesToEmitOnAnotherThread) {
  unity_status status = UNITY_OK;
  std::thread([&] {
    status = emit(kRecord);
    fail(error_of("smuggled"));
  }).join();

  EXPECT_EQ(status, UNITY_E_INVALID);
  const auto result = call_.finish(UNITY_OK);
  EXPECT_THAT(result.emissions, IsEmpty());
  EXPECT_THAT(result.message, IsEmpty());
}

TEST_F(CallTest, ThrowsAwayWhatAFailedRunEmitted) {
  ASSERT_EQ(emit(kRecord), UNITY_OK);
  auto error = error_of("no answer", "net.timeout");
  error.retry_after_ms = 1500;
  fail(error_of("an earlier word"));
  fail(error);

  const auto result = call_.finish(UNITY_E_TRANSIENT);

  EXPECT_EQ(result.run_class, RunClass::transient);
  EXPECT_EQ(result.message, "no answer");
  EXPECT_EQ(result.code, "net.timeout");
  EXPECT_EQ(result.retry_after, 1500ms);
  EXPECT_THAT(result.emissions, IsEmpty());
}

TEST_F(CallTest, KeepsWhatAPartialRunEmittedAndItsWarning) {
  ASSERT_EQ(emit(kRecord), UNITY_OK);
  fail(error_of("one of two disks is silent"));

  const auto result = call_.finish(UNITY_PARTIAL);

  EXPECT_EQ(result.run_class, RunClass::partial);
  EXPECT_EQ(result.message, "one of two disks is silent");
  EXPECT_THAT(result.emissions, SizeIs(1));
}

TEST_F(CallTest, CutsAnEndlessErrorText) {
  fail(error_of(std::string(kMiB, 'x')));

  EXPECT_THAT(call_.finish(UNITY_E_AUTH).message, SizeIs(4096));
}

TEST_F(CallTest, SaysSoWhenAPluginFailsWithoutAReason) {
  const auto result = call_.finish(UNITY_E_INTERNAL);

  EXPECT_EQ(result.message, "the plugin returned status -13 and gave no reason");
}

TEST_F(CallTest, MapsEveryStatusToAClass) {
  const std::vector<std::pair<unity_status, RunClass>> expected = {
      {UNITY_OK, RunClass::ok},
      {UNITY_PARTIAL, RunClass::partial},
      {UNITY_E_TRANSIENT, RunClass::transient},
      {UNITY_E_CONFIG, RunClass::config},
      {UNITY_E_AUTH, RunClass::auth},
      {UNITY_E_PERMANENT, RunClass::permanent},
      {UNITY_E_CANCELLED, RunClass::cancelled},
      {UNITY_E_AGAIN, RunClass::transient},
      {UNITY_E_INVALID, RunClass::internal},
      {UNITY_E_LIMIT, RunClass::internal},
      {UNITY_E_INTERNAL, RunClass::internal},
      {-1000, RunClass::internal},
  };
  for (const auto& [status, run_class] : expected) {
    EXPECT_EQ(CallHandle(token_, deadline_, datasets_).finish(status).run_class, run_class)
        << status;
  }
}

TEST_F(CallTest, HasNoDeadlineIfThereIsNone) {
  CallHandle call(token_, Instant::max(), datasets_);

  EXPECT_EQ(call.api->deadline_mono_ns(&call), 0u);
}

TEST_F(CallTest, TellsItsDeadlineOnTheClockOfTheHost) {
  RecordedServices services;
  HostHandle host(services, datasets_);
  const auto left =
      static_cast<std::int64_t>(call_.api->deadline_mono_ns(&call_) - host.api->now_mono_ns(&host));

  EXPECT_LE(left, std::chrono::nanoseconds(1h).count());
  EXPECT_EQ(call_.api->deadline_mono_ns(&call_),
            static_cast<std::uint64_t>(deadline_.time_since_epoch().count()));
}

TEST_F(CallTest, IsCancelledByFlagAndByDescriptor) {
  pollfd cancelled{call_.api->cancel_fd(&call_), POLLIN, 0};
  EXPECT_EQ(call_.api->is_cancelled(&call_), 0u);
  EXPECT_EQ(::poll(&cancelled, 1, 0), 0);

  token_.fire();

  EXPECT_NE(call_.api->is_cancelled(&call_), 0u);
  EXPECT_EQ(::poll(&cancelled, 1, 0), 1);
}

TEST_F(CallTest, HasAReadableDescriptorIfItIsAskedForAfterTheCancellation) {
  token_.fire();

  pollfd cancelled{call_.api->cancel_fd(&call_), POLLIN, 0};

  EXPECT_EQ(::poll(&cancelled, 1, 0), 1);
}

TEST_F(CallTest, StartsAnewWithAResetToken) {
  token_.fire();
  pollfd cancelled{token_.fd(), POLLIN, 0};

  token_.reset();

  EXPECT_FALSE(token_.fired());
  EXPECT_EQ(::poll(&cancelled, 1, 0), 0);
}

TEST_F(CallTest, WakesAThreadThatPollsItsDescriptor) {
  pollfd cancelled{token_.fd(), POLLIN, 0};

  std::thread other([this] { token_.fire(); });

  EXPECT_EQ(::poll(&cancelled, 1, -1), 1);
  other.join();
}

class HostTest : public testing::Test {
 protected:
  static void keep(void* into, unity_str bytes) {
    *static_cast<std::string*>(into) = std::string(bytes.ptr, bytes.len);
  }

  RecordedServices services_;
  std::vector<std::string> datasets_ = {"drives", "shelves"};
  HostHandle host_{services_, datasets_};
  std::string got_;
};

TEST_F(HostTest, PassesOnWhatAPluginLogs) {
  host_.api->log(&host_, UNITY_LOG_WARN, text("slow disk"), {});

  EXPECT_EQ(services_.logged(), "12 slow disk\n");
}

TEST_F(HostTest, CutsAnEndlessLogLine) {
  host_.api->log(&host_, UNITY_LOG_INFO, text(std::string(kMiB, 'x')), {});

  EXPECT_EQ(services_.logged().size(), kLogLineMax + std::string_view("8 \n").size());
}

TEST_F(HostTest, NumbersTheDatasetsOfTheManifest) {
  std::uint32_t dataset = 7;

  EXPECT_EQ(host_.api->dataset_find(&host_, text("metrics"), &dataset), UNITY_OK);
  EXPECT_EQ(dataset, UNITY_DATASET_METRICS);
  EXPECT_EQ(host_.api->dataset_find(&host_, text("shelves"), &dataset), UNITY_OK);
  EXPECT_EQ(dataset, 2u);
  EXPECT_EQ(host_.api->dataset_find(&host_, text("cages"), &dataset), UNITY_E_NOT_FOUND);
  EXPECT_EQ(host_.api->dataset_find(&host_, text("drives"), nullptr), UNITY_E_INVALID);
}

TEST_F(HostTest, GivesSecretsIntoASink) {
  services_.secrets["password"] = "open sesame";

  EXPECT_EQ(host_.api->secret_get(&host_, text("password"), keep, &got_), UNITY_OK);
  EXPECT_EQ(got_, "open sesame");
  EXPECT_EQ(host_.api->secret_get(&host_, text("other"), keep, &got_), UNITY_E_NOT_FOUND);
  EXPECT_EQ(host_.api->secret_get(&host_, text("password"), nullptr, nullptr), UNITY_E_INVALID);
}

TEST_F(HostTest, KeepsState) {
  EXPECT_EQ(host_.api->state_get(&host_, text("seen"), keep, &got_), UNITY_E_NOT_FOUND);
  EXPECT_EQ(host_.api->state_put(&host_, text("seen"), text("7")), UNITY_OK);
  EXPECT_EQ(host_.api->state_get(&host_, text("seen"), keep, &got_), UNITY_OK);
  EXPECT_EQ(got_, "7");
}

TEST_F(HostTest, RefusesKeysAndValuesBeyondTheirBounds) {
  const std::string key(kKeyMax + 1, 'k');
  const std::string value(kStateValueMax + 1, 'v');

  EXPECT_EQ(host_.api->state_put(&host_, {}, text("v")), UNITY_E_INVALID);
  EXPECT_EQ(host_.api->state_put(&host_, text(key), text("v")), UNITY_E_INVALID);
  EXPECT_EQ(host_.api->state_put(&host_, text("k"), text(value)), UNITY_E_LIMIT);
}

TEST_F(HostTest, OffersNoInterfaceBesideItsTables) {
  EXPECT_EQ(host_.api->get_interface(&host_, text("unity.http/1")), nullptr);
}

// Takes everything, or nothing.
struct Sink final : StreamSink {
  unity_status push(Emission&& emission, std::uint64_t wait_ns) override {
    if (full) return UNITY_E_AGAIN;
    waited = wait_ns;
    texts.push_back(std::move(emission.text));
    return UNITY_OK;
  }
  void ready() override { is_ready = true; }
  void shut() override { is_shut = true; }
  bool full = false;
  bool is_ready = false;
  bool is_shut = false;
  std::uint64_t waited = 0;
  std::vector<std::string> texts;
};

class StreamTest : public HostTest {
 protected:
  unity_status emit(const unity_batch& batch) { return stream_.api->emit(&stream_, &batch, 5); }

  Sink sink_;
  StreamHandle stream_{services_, datasets_};
};

TEST_F(StreamTest, PassesOnWhatIsEmitted) {
  stream_.open(sink_);

  EXPECT_EQ(emit(batch_of(kRecord)), UNITY_OK);
  EXPECT_EQ(stream_.api->ready(&stream_), UNITY_OK);
  EXPECT_EQ(sink_.texts, std::vector<std::string>{std::string(kRecord)});
  EXPECT_EQ(sink_.waited, 5u);
  EXPECT_TRUE(sink_.is_ready);
}

TEST_F(StreamTest, SaysThatThereIsNoRoom) {
  stream_.open(sink_);
  sink_.full = true;

  EXPECT_EQ(emit(batch_of(kRecord)), UNITY_E_AGAIN);
}

TEST_F(StreamTest, RefusesABadBatchAndSaysSoOnce) {
  stream_.open(sink_);
  auto batch = batch_of(kRecord);
  batch.format = 9;

  EXPECT_EQ(emit(batch), UNITY_E_INVALID);
  EXPECT_EQ(emit(batch), UNITY_E_INVALID);
  EXPECT_EQ(services_.logged(),
            "16 what the stream emitted was refused: unknown format or flags\n");
}

TEST_F(StreamTest, TakesNothingBeforeAndAfterItsTime) {
  EXPECT_EQ(emit(batch_of(kRecord)), UNITY_E_INVALID);
  stream_.open(sink_);
  stream_.close();

  EXPECT_EQ(emit(batch_of(kRecord)), UNITY_E_INVALID);
  EXPECT_EQ(stream_.api->ready(&stream_), UNITY_E_INVALID);
  EXPECT_TRUE(sink_.is_shut);
  EXPECT_THAT(sink_.texts, IsEmpty());
  EXPECT_THAT(services_.logged(), HasSubstr("after stream() had returned"));
}

}  // namespace
}  // namespace unity::host
