#include "query/query_reader.hpp"

namespace unity::db {
namespace {

template <class Answer, class Ask>
Result<Answer> answer_in_view(QueryReader& reader, Ask ask) {
  Answer answer;
  auto done = reader.in_view([&](QueryTables& tables) -> Result<void> {
    auto read = ask(tables);
    if (!read) return std::move(read).error();
    answer = std::move(*read);
    return {};
  });
  if (!done) return std::move(done).error();
  return answer;
}

}  // namespace

Result<std::vector<Point>> QueryReader::latest(const SeriesFilter& series) {
  return answer_in_view<std::vector<Point>>(
      *this, [&](QueryTables& tables) { return read_latest(tables, series); });
}

Result<std::vector<Point>> QueryReader::range(const SeriesFilter& series, Time from, Time to,
                                              std::size_t limit) {
  return answer_in_view<std::vector<Point>>(
      *this, [&](QueryTables& tables) { return read_range(tables, series, from, to, limit); });
}

Result<BucketAnswer> QueryReader::buckets(const BucketQuery& query) {
  return answer_in_view<BucketAnswer>(
      *this, [&](QueryTables& tables) { return read_buckets(tables, query); });
}

Result<TopAnswer> QueryReader::top(const TopQuery& query) {
  return answer_in_view<TopAnswer>(*this,
                                   [&](QueryTables& tables) { return read_top(tables, query); });
}

}  // namespace unity::db
