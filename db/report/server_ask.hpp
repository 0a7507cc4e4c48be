// Questions to a database server about itself, over the connection of its adapter.
#pragma once

#include <deque>
#include <utility>

#include "base/row_values.hpp"
#include "report/ask_session.hpp"
#include "report/read_cells.hpp"

namespace unity::db {

// `Parameters` is what the connection's query() takes for the arguments of a statement.
template <class Connection, class Parameters>
class ServerAsk final : public AskSession {
 public:
  // `questions` has static lifetime.
  ServerAsk(Connection connection, const Questions& questions)
      : connection_(std::move(connection)), questions_(questions) {}

  const Questions& questions() const override { return questions_; }
  std::string place() const override { return connection_.place(); }
  Result<std::vector<json::Array>> ask(std::string sql, std::string_view types) override {
    // The connection knows a statement by the address of its text.
    const auto& kept = asked_.emplace_back(std::move(sql));
    const auto rows = connection_.query(kept.c_str(), Parameters(), "ask");
    if (!rows) return rows.error();
    std::vector<json::Array> answer;
    for (int i = 0; i < rows->size(); ++i) answer.push_back(read_cells(RowOf{*rows, i}, types));
    return answer;
  }

 private:
  std::deque<std::string> asked_;  // first: the connection refers to them
  Connection connection_;
  const Questions& questions_;
};

}  // namespace unity::db
