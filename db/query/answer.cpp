#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "base/day.hpp"
#include "query/query_tables.hpp"

namespace unity::db {
namespace {

// Frames that are held in memory at once.
constexpr int kFramesAtOnce = 20'000;
constexpr int kFramesPerPage = 1000;

SeriesName name_of(const NamedSource& source, const Series& series) {
  return {source.origin.device, source.origin.plugin, source.origin.instance,
          series.metric,        series.field,         series.unit,
          series.kind,          source.tags};
}

// The series that are asked for, each with a number of its own: its place by name.
class Wanted {
 public:
  explicit Wanted(std::vector<NamedSource> sources) : sources_(std::move(sources)) {
    for (std::size_t s = 0; s < sources_.size(); ++s) add(s);
  }

  struct Place {
    std::size_t position;  // in the frames
    std::size_t number;
  };

  std::size_t size() const { return names_.size(); }
  const std::vector<NamedSource>& sources() const { return sources_; }
  const std::vector<Place>& of_source(std::size_t source) const { return places_[source]; }
  const std::vector<std::int64_t>& ids() const { return ids_; }
  SeriesName name(std::size_t number) const {
    const auto& [source, index] = names_[number];
    return name_of(sources_[source], sources_[source].source.series()[index]);
  }
  // Of the series with this id; they often come one after the other.
  std::size_t number_of(std::int64_t id) {
    if (last_ < ids_.size() && ids_[last_] == id) return last_;
    if (by_id_.empty()) {
      for (std::size_t i = 0; i < ids_.size(); ++i) by_id_.emplace(ids_[i], i);
    }
    return last_ = by_id_.at(id);
  }

 private:
  void add(std::size_t source) {
    const auto& series = sources_[source].source.series();
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (series[i].position != kNoPosition) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&series](std::size_t a, std::size_t b) {
      return series[a].name() < series[b].name();
    });
    auto& places = places_.emplace_back();
    for (const auto i : order) {
      places.push_back({static_cast<std::size_t>(series[i].position), names_.size()});
      names_.emplace_back(source, i);
      ids_.push_back(series[i].id);
    }
  }

  std::vector<NamedSource> sources_;
  std::vector<std::vector<Place>> places_;
  std::vector<std::pair<std::size_t, std::size_t>> names_;  // source, and series in it
  std::vector<std::int64_t> ids_;
  std::unordered_map<std::int64_t, std::size_t> by_id_;
  std::size_t last_ = 0;
};

// Reads the pieces of a plan, and gives each part to `take(number of the series, part)`.
template <class Take>
class PieceReader {
 public:
  PieceReader(QueryTables& tables, Wanted& wanted, Aggregate aggregate, bool as_one, Take take)
      : tables_(tables), wanted_(wanted), aggregate_(aggregate), as_one_(as_one), take_(take) {}

  Result<void> read(const std::vector<Piece>& pieces) {
    if (wanted_.size() == 0) return {};
    for (const auto& piece : pieces) {
      auto done = piece.resolution == Resolution::raw ? numbers(piece) : rollups(piece);
      if (!done) return done;
    }
    return {};
  }

 private:
  Result<void> rollups(const Piece& piece) {
    const auto tier = piece.resolution == Resolution::hour ? Tier::hour : Tier::day;
    return tables_.rollups(
        {tier, wanted_.ids(), piece.from, piece.to, aggregate_, as_one_},
        [this](std::int64_t id, const Part& part) { take_(wanted_.number_of(id), part); });
  }

  Result<void> numbers(const Piece& piece) {
    const auto frames = tables_.between(wanted_.sources(), piece.from, piece.to, kFramesAtOnce);
    if (!frames) return frames.error();
    if (frames->size() < kFramesAtOnce) {
      for (const auto& [source, timed] : *frames) add(source, timed);
      return {};
    }
    for (std::size_t i = 0; i < wanted_.sources().size(); ++i) {
      if (auto done = numbers_of(i, piece.from, piece.to); !done) return done;
    }
    return {};
  }

  Result<void> numbers_of(std::size_t source, Time from, Time to) {
    while (from < to) {
      const auto frames = tables_.first(wanted_.sources()[source], from, to, kFramesPerPage);
      if (!frames) return frames.error();
      for (const auto& timed : *frames) add(source, timed);
      if (frames->size() < kFramesPerPage) return {};
      from = frames->back().time + Time::duration(1);
    }
    return {};
  }

  void add(std::size_t source, const TimedFrame& timed) {
    const auto& numbers = timed.frame.numbers;
    for (const auto& [position, number] : wanted_.of_source(source)) {
      if (position >= numbers.size() || is_absent(numbers[position])) continue;
      take_(number, Part{timed.time, 1, to_double(numbers[position])});
    }
  }

  QueryTables& tables_;
  Wanted& wanted_;
  Aggregate aggregate_;
  bool as_one_;
  Take take_;
};

Result<Stored> read_stored(QueryTables& tables, Time from, Time to) {
  const auto begin = std::max<Time>(from, kFirstDay);
  return tables.stored(bucket_of(Tier::day, begin), std::min<Time>(to, kEndDay));
}

}  // namespace

Result<BucketAnswer> read_buckets(QueryTables& tables, const BucketQuery& query) {
  const auto stored = read_stored(tables, query.from, query.to);
  if (!stored) return stored.error();
  const auto plan = plan_buckets(query, *stored);
  if (!plan) return plan.error();
  BucketAnswer answer{plan->how, plan->step, {}};
  if (plan->pieces.empty()) return answer;
  auto sources = find_sources(tables, query.series);
  if (!sources) return std::move(sources).error();
  Wanted wanted(std::move(*sources));
  const auto first = begin_of_bucket(plan->how.from, plan->step);
  const auto points = static_cast<std::size_t>(
      (begin_of_bucket(plan->how.to - Time::duration(1), plan->step) - first) / plan->step + 1);
  if (wanted.size() > BucketQuery::kAnswerMax / points) {
    return Error{Errc::invalid,
                 fmt::format("{} series of {} points each are too much for one answer, which has "
                             "at most {} points: ask for fewer series, or a longer step",
                             wanted.size(), points, BucketQuery::kAnswerMax)};
  }
  std::vector<Fold> folds(wanted.size() * points);
  const auto step = plan->step;
  PieceReader reader(tables, wanted, query.aggregate, false,
                     [&](std::size_t series, const Part& part) {
                       const auto bucket = static_cast<std::size_t>((part.time - first) / step);
                       folds[series * points + bucket].add(query.aggregate, part);
                     });
  if (auto done = reader.read(plan->pieces); !done) return std::move(done).error();
  for (std::size_t series = 0; series < wanted.size(); ++series) {
    std::vector<Bucket> buckets;
    for (std::size_t i = 0; i < points; ++i) {
      const auto& fold = folds[series * points + i];
      if (fold.n == 0) continue;
      const auto begin = first + static_cast<std::int64_t>(i) * step;
      buckets.push_back({begin, fold.n, fold.result(query.aggregate)});
    }
    if (!buckets.empty()) answer.series.push_back({wanted.name(series), std::move(buckets)});
  }
  return answer;
}

Result<TopAnswer> read_top(QueryTables& tables, const TopQuery& query) {
  const auto stored = read_stored(tables, query.from, query.to);
  if (!stored) return stored.error();
  const auto plan = plan_whole(query.from, query.to, *stored);
  if (!plan) return plan.error();
  auto sources = find_sources(tables, query.series);
  if (!sources) return std::move(sources).error();
  Wanted wanted(std::move(*sources));
  std::vector<Fold> folds(wanted.size());
  PieceReader reader(
      tables, wanted, query.aggregate, query.aggregate != Aggregate::last,
      [&](std::size_t series, const Part& part) { folds[series].add(query.aggregate, part); });
  if (auto done = reader.read(plan->pieces); !done) return std::move(done).error();
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    if (folds[i].n > 0) order.push_back(i);
  }
  const auto value = [&](std::size_t series) { return folds[series].result(query.aggregate); };
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(query.count, order.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](std::size_t a, std::size_t b) {
    if (value(a) != value(b)) return query.lowest ? value(a) < value(b) : value(a) > value(b);
    return a < b;
  });
  TopAnswer answer{plan->how, {}};
  for (auto at = order.begin(); at != end; ++at) {
    answer.series.push_back({wanted.name(*at), folds[*at].n, value(*at)});
  }
  return answer;
}

}  // namespace unity::db
