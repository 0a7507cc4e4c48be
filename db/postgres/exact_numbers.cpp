#include "postgres/exact_numbers.hpp"

#include <algorithm>

#include "postgres/frame_form.hpp"
#include "transfer/canonical_text.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db::postgres {
namespace {

constexpr const char* kNames =
    "SELECT position, metric_name, field FROM metric_series "
    "WHERE source_id = $1 AND position IS NOT NULL ORDER BY position";

json::Value to_json(const Number& number) {
  if (const auto* large = std::get_if<std::uint64_t>(&number)) return *large;
  return std::get<std::int64_t>(number);
}

}  // namespace

Result<void> ExactNumbers::load_names(Connection& connection, std::int64_t source,
                                      std::string_view doing) {
  if (source_ == source) return {};
  auto rows = connection.query(kNames, Parameters(source), doing);
  if (!rows) return std::move(rows).error();
  names_.clear();
  for (int i = 0; i < rows->size(); ++i) {
    const auto position = static_cast<std::size_t>(rows->integer(i, 0));
    if (names_.size() <= position) names_.resize(position + 1);
    names_[position] = {std::string(rows->bytes(i, 1)), std::string(rows->bytes(i, 2))};
  }
  source_ = source;
  return {};
}

Result<const transfer::Row*> ExactNumbers::to_doc(Connection& connection,
                                                  const schema::Table& table,
                                                  const transfer::Row& row,
                                                  std::string_view doing) {
  const auto* numbers = std::get_if<transfer::Numbers>(&row[table.index_of("vals")]);
  if (numbers == nullptr || std::none_of(numbers->begin(), numbers->end(), needs_exact_form)) {
    return &row;
  }
  const auto source = std::get<std::int64_t>(row[table.index_of("source_id")]);
  if (auto loaded = load_names(connection, source, doing); !loaded) {
    return std::move(loaded).error();
  }
  changed_ = row;
  auto& doc = changed_[table.index_of("doc")];
  auto document = json::Value(json::Object());
  if (!transfer::is_null(doc)) {
    auto parsed = json::parse(std::get<std::string>(doc));
    if (!parsed) return std::move(parsed).error();
    document = std::move(*parsed);
  }
  for (std::size_t i = 0; i < std::min(numbers->size(), names_.size()); ++i) {
    if (!needs_exact_form((*numbers)[i]) || names_[i].metric.empty()) continue;
    if (document.find(names_[i].metric) == nullptr) {
      document.set(names_[i].metric, json::Object());
    }
    document.find(names_[i].metric)->set(names_[i].field, to_json((*numbers)[i]));
  }
  doc = transfer::to_canonical_json(document);
  return &changed_;
}

}  // namespace unity::db::postgres
