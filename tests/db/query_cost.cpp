// Prints what answers cost beside the same questions put to the documents' own schema, in the same
// server: latest of a plugin, the last hour of a series, a week of hourly averages of 100 series,
// the top 10 of a day; for one client and for 50; and what a number takes on the disk. The answers
// are compared with a recomputation. A program for people, not a test.
// Usage: unity_query_cost sqlite|postgresql|mariadb [minutes of data]; the last line is JSON.
#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <map>
#include <thread>

#include "db/documents_database.hpp"
#include "db/records.hpp"
#include "support/cpu_time.hpp"
#include "unity/db/maintenance.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Each host runs each plugin once a minute; a plugin says five metrics of five numbers.
constexpr int kHosts = 20;
constexpr int kPlugins = 2;
constexpr int kMetrics = 5;
constexpr const char* kFields[] = {"one", "two", "three", "four", "five"};
constexpr int kClients = 50;
constexpr auto kPatience = 4s;  // for as many answers as there are in it, and at least one
constexpr std::int64_t kStart = 1'793'491'200;  // a midnight of November 2026

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what); }

struct Load {
  int minutes = 7 * 24 * 60 + 60;

  std::int64_t numbers() const {
    return std::int64_t{minutes} * kHosts * kPlugins * kMetrics * std::size(kFields);
  }
  // Hosts are 17 ms apart: the documents' key has no room for two of them.
  static Time time(int host, int minute) {
    return at_second(kStart + minute * 60) + std::chrono::milliseconds(host * 17);
  }
  static double value(int host, int plugin, int metric, std::size_t field, int minute) {
    const auto series =
        ((host * kPlugins + plugin) * kMetrics + metric) * 5 + static_cast<int>(field);
    return std::round((200 + series % 83 + 50 * std::sin(minute / 97.0 + series)) * 10) / 10;
  }
  // Unaligned, and the last hours are not over.
  Time end() const { return at_second(kStart + (minutes - 24) * 60 + 13); }
};

void each_minute(const Load& load,
                 const std::function<void(int host, int plugin, int minute)>& take) {
  for (int minute = 0; minute < load.minutes; ++minute) {
    for (int host = 0; host < kHosts; ++host) {
      for (int plugin = 0; plugin < kPlugins; ++plugin) take(host, plugin, minute);
    }
  }
}

void fill_ours(const db::DatabaseConfig& config, const Load& load) {
  if (auto made = db::upgrade_schema(config, "benchmark"); !made) give_up(made.error().message);
  auto database = db::open_database(config);
  if (!database) give_up(database.error().message);
  std::vector<std::shared_ptr<const Origin>> origins;
  for (int host = 0; host < kHosts; ++host) {
    for (int plugin = 0; plugin < kPlugins; ++plugin) {
      origins.push_back(std::make_shared<const Origin>(
          Origin{fmt::format("host-{}", host), fmt::format("plugin-{}", plugin), "default"}));
    }
  }
  std::vector<Record> batch;
  const auto flush = [&] {
    const auto written = (*database)->storage().write(batch);
    if (!written || !written->empty()) give_up("cannot write");
    batch.clear();
  };
  each_minute(load, [&](int host, int plugin, int minute) {
    for (int metric = 0; metric < kMetrics; ++metric) {
      std::vector<Field> fields;
      for (std::size_t f = 0; f < std::size(kFields); ++f) {
        fields.push_back(field(kFields[f], Load::value(host, plugin, metric, f, minute)));
      }
      batch.push_back(
          record(fmt::format("metric-{}", metric), Load::time(host, minute), std::move(fields)));
      batch.back().origin = origins[static_cast<std::size_t>(host * kPlugins + plugin)];
    }
    if (batch.size() >= 10'000) flush();
  });
  flush();
  auto maintenance = db::open_maintenance(config, {});
  if (!maintenance) give_up(maintenance.error().message);
  const std::atomic<bool> never = false;
  while (true) {
    const auto more = (*maintenance)->work(load.end(), never);
    if (!more) give_up(more.error().message);
    if (!*more) return;
  }
}

void fill_documents(DocumentsDatabase& documents, const Load& load) {
  std::vector<DocumentsRow> rows;
  each_minute(load, [&](int host, int plugin, int minute) {
    for (int metric = 0; metric < kMetrics; ++metric) {
      std::string value;
      for (std::size_t f = 0; f < std::size(kFields); ++f) {
        value += fmt::format("{}\"{}\": {}", f == 0 ? "{" : ", ", kFields[f],
                             Load::value(host, plugin, metric, f, minute));
      }
      rows.push_back({Load::time(host, minute), fmt::format("plugin-{}", plugin),
                      fmt::format("metric-{}", metric), value + "}",
                      fmt::format("{{\"host\": \"host-{}\", \"instance\": \"default\"}}", host)});
    }
    if (rows.size() < 10'000) return;
    documents.insert(rows);
    rows.clear();
  });
  documents.insert(rows);
  documents.settle();
}

// A question in both forms. `check` throws if the answer is not what one computes.
struct Question {
  std::string name;
  std::function<void(MetricReader&)> ours;
  std::string documents;
};

template <class Answer>
const Answer& good(const Result<Answer>& answer) {
  if (!answer) give_up(answer.error().message);
  return *answer;
}

void expect_near(double value, double wanted) {
  if (std::abs(value - wanted) > 1e-9 * std::abs(wanted)) {
    give_up(fmt::format("{} was answered, {} is right", value, wanted));
  }
}

// What all numbers of a series between two times give.
double average(const Load& load, int host, int plugin, int metric, std::size_t field, Time from,
               Time to, std::int64_t& n) {
  double sum = 0;
  n = 0;
  for (int minute = 0; minute < load.minutes; ++minute) {
    const auto time = Load::time(host, minute);
    if (time < from || time >= to) continue;
    sum += Load::value(host, plugin, metric, field, minute);
    ++n;
  }
  return sum / static_cast<double>(std::max<std::int64_t>(n, 1));
}

int number_in(const std::string& name) { return std::stoi(name.substr(name.rfind('-') + 1)); }
std::size_t index_of(const std::string& field) {
  return static_cast<std::size_t>(std::find(std::begin(kFields), std::end(kFields), field) -
                                  std::begin(kFields));
}

BucketQuery week_query(const Load& load) {
  BucketQuery query;
  query.series.plugin = "plugin-1";
  query.series.field = "one";
  query.from = load.end() - 7 * 24h;
  query.to = load.end();
  query.step = 1h;
  return query;
}

TopQuery top_query(const Load& load) {
  TopQuery query;
  query.series.field = "one";
  query.from = load.end() - 24h;
  query.to = load.end();
  return query;
}

void check_answers(MetricReader& reader, const Load& load) {
  const auto week = good(reader.buckets(week_query(load)));
  if (week.series.size() != kHosts * kMetrics) give_up("series are missing");
  std::int64_t n = 0;
  for (const auto& [name, buckets] : week.series) {
    for (const auto& bucket : buckets) {
      const auto wanted = average(load, number_in(name.device), 1, number_in(name.metric),
                                  index_of(name.field), std::max(bucket.begin, week.how.from),
                                  std::min<Time>(bucket.begin + 1h, week.how.to), n);
      if (n != bucket.n) give_up("numbers are missing");
      expect_near(bucket.value, wanted);
    }
  }
  std::vector<double> all;
  const auto top = good(reader.top(top_query(load)));
  for (int host = 0; host < kHosts; ++host) {
    for (int plugin = 0; plugin < kPlugins; ++plugin) {
      for (int metric = 0; metric < kMetrics; ++metric) {
        all.push_back(average(load, host, plugin, metric, 0, top.how.from, top.how.to, n));
      }
    }
  }
  std::sort(all.rbegin(), all.rend());
  for (std::size_t i = 0; i < 10; ++i) expect_near(top.series.at(i).value, all[i]);
}

std::vector<Question> make_questions(const Load& load, const DocumentsDatabase& documents) {
  SeriesFilter plugin;
  plugin.plugin = "plugin-1";
  plugin.device = "host-1";
  auto series = plugin;
  series.metric = "metric-2";
  series.field = "one";
  const auto end = load.end();
  const auto within = [&](Time::duration span) {
    return fmt::format("time >= {} AND time < {}", documents.time_literal(end - span),
                       documents.time_literal(end));
  };
  const auto host = documents.text_of("host");
  return {
      {"latest of a plugin",
       [=](MetricReader& reader) {
         if (good(reader.latest(plugin)).size() != 25) give_up("25 points were to come");
       },
       fmt::format("SELECT time, metric_name, value FROM plugin_metrics WHERE plugin_id = "
                   "'plugin-1' AND {} = 'host-1' ORDER BY time DESC LIMIT 5",
                   host)},
      {"last hour of a series",
       [=](MetricReader& reader) {
         if (good(reader.range(series, end - 1h, end, 1000)).size() != 60)
           give_up("60 were to come");
       },
       fmt::format("SELECT time, {} FROM plugin_metrics WHERE plugin_id = 'plugin-1' AND "
                   "metric_name = 'metric-2' AND {} = 'host-1' AND {} ORDER BY time",
                   documents.number_of("one"), host, within(1h))},
      {"week of 100 series by hour",
       [=](MetricReader& reader) { good(reader.buckets(week_query(load))); },
       fmt::format("SELECT {0}, metric_name, {1}, avg({2}) FROM plugin_metrics WHERE plugin_id = "
                   "'plugin-1' AND {3} GROUP BY {0}, metric_name, {1}",
                   documents.hour(), host, documents.number_of("one"), within(7 * 24h))},
      {"top 10 of 200 series, a day",
       [=](MetricReader& reader) { good(reader.top(top_query(load))); },
       fmt::format("SELECT plugin_id, metric_name, {0}, avg({1}) FROM plugin_metrics WHERE {2} "
                   "GROUP BY plugin_id, metric_name, {0} ORDER BY 4 DESC LIMIT 10",
                   host, documents.number_of("one"), within(24h))},
  };
}

struct Waits {
  double p50_ms = 0, p95_ms = 0, per_second = 0;
  double cpu_ms = 0;  // of an answer, of this process and the server
};

// `make` gives each client what it calls again and again.
Waits measure(int clients, const std::function<std::function<void()>()>& make) {
  std::vector<std::vector<double>> waits(static_cast<std::size_t>(clients));
  std::vector<std::function<void()>> asks;
  for (int i = 0; i < clients; ++i) {
    asks.push_back(make());
    if (clients > 1 || i == 0) asks.back()();  // plans are made, and what is read is warm
  }
  std::atomic<bool> failed = false;
  const auto cpu = cpu_time();
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      try {
        do {
          const auto began = Clock::now();
          asks[static_cast<std::size_t>(i)]();
          waits[static_cast<std::size_t>(i)].push_back(
              std::chrono::duration<double, std::milli>(Clock::now() - began).count());
        } while (Clock::now() - start < kPatience);
      } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        failed = true;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (failed) give_up("a client failed");
  const std::chrono::duration<double> wall = Clock::now() - start;
  const auto used = cpu_time() - cpu;
  std::vector<double> all;
  for (const auto& some : waits) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  const auto at = [&](double part) {
    return all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1))];
  };
  return {at(0.5), at(0.95), static_cast<double>(all.size()) / wall.count(),
          used * 1e3 / static_cast<double>(all.size())};
}

Waits measure_ours(const db::DatabaseConfig& config, const Question& question, int clients) {
  return measure(clients, [&] {
    auto reader = db::open_reader(config);
    if (!reader) give_up(reader.error().message);
    return [&question, reader = std::shared_ptr<MetricReader>(std::move(*reader))] {
      question.ours(*reader);
    };
  });
}

Waits measure_documents(DocumentsDatabase& documents, const Question& question) {
  return measure(1, [&] {
    return [&question, client = std::shared_ptr<DocumentsClient>(documents.connect())] {
      if (client->ask(question.documents) == 0) give_up("no rows: " + question.documents);
    };
  });
}

void run(const std::string& type, const Load& load) {
  const auto pair = type == "postgresql" ? make_postgres_pair()
                    : type == "mariadb"  ? make_mariadb_pair()
                                         : make_sqlite_pair();
  fill_ours(pair->ours, load);
  pair->settle();
  fill_documents(*pair->documents, load);
  {
    const auto reader = db::open_reader(pair->ours);
    if (!reader) give_up(reader.error().message);
    check_answers(**reader, load);
  }
  const auto numbers = static_cast<double>(load.numbers());
  const auto all = pair->our_bytes("%") / numbers;
  const auto frames = pair->our_bytes("metric\\_frames%") / numbers;
  const auto documents = pair->documents->bytes() / numbers;
  fmt::print("{}: {} numbers; the answers are those of a recomputation\n", type, load.numbers());
  fmt::print("bytes a number: {:.1f} in all (frames {:.1f}), documents' schema {:.1f}: {:.2f}\n",
             all, frames, documents, all / documents);
  fmt::print("of one client, p50 and processor time in ms; of 50, p50 and p95 in ms\n");
  fmt::print("{:<30}{:>9}{:>12}{:>8}{:>9}{:>12}{:>8}{:>9}{:>9}{:>11}\n", "", "p50", "documents",
             "times", "CPU", "documents", "times", "p50", "p95", "answers/s");
  std::string lines;
  for (const auto& question : make_questions(load, *pair->documents)) {
    const auto one = measure_ours(pair->ours, question, 1);
    const auto theirs = measure_documents(*pair->documents, question);
    const auto many = measure_ours(pair->ours, question, kClients);
    const auto times = theirs.p50_ms / one.p50_ms;
    const auto cpu_times = theirs.cpu_ms / one.cpu_ms;
    fmt::print(
        "{:<30}{:>9.3f}{:>12.2f}{:>8.1f}{:>9.3f}{:>12.2f}{:>8.1f}{:>9.1f}{:>9.1f}{:>11.0f}\n",
        question.name, one.p50_ms, theirs.p50_ms, times, one.cpu_ms, theirs.cpu_ms, cpu_times,
        many.p50_ms, many.p95_ms, many.per_second);
    lines += fmt::format(
        R"({}{{"question":"{}","p50_ms":{:.4f},"documents_ms":{:.3f},"times":{:.2f},"cpu_ms":{:.4f},"documents_cpu_ms":{:.3f},"cpu_times":{:.2f},"p50_ms_of_50":{:.3f},"p95_ms_of_50":{:.3f},"answers_per_second_of_50":{:.0f}}})",
        lines.empty() ? "" : ",", question.name, one.p50_ms, theirs.p50_ms, times, one.cpu_ms,
        theirs.cpu_ms, cpu_times, many.p50_ms, many.p95_ms, many.per_second);
  }
  fmt::print(
      R"({{"database":"{}","numbers":{},"bytes":{:.2f},"bytes_of_frames":{:.2f},"documents_bytes":{:.2f},"questions":[{}]}})"
      "\n",
      type, load.numbers(), all, frames, documents, lines);
}

}  // namespace
}  // namespace unity::test

int main(int argc, char** argv) {
  unity::test::Load load;
  const std::string type = argc > 1 ? argv[1] : "sqlite";
  if (argc > 2) load.minutes = std::max(8 * 60, std::atoi(argv[2]));
  try {
    unity::test::run(type, load);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
