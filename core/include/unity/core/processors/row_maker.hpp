// Fills a dataset of the operator's own: a row for each record that it asks for, its columns
// reckoned by expressions over that record.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "unity/core/expression/expression.hpp"
#include "unity/core/model/dataset.hpp"

namespace unity {

// Of one thread at a time, as its expressions are.
class RowMaker {
 public:
  // Nothing if an expression is wrong: then `problems` says where.
  static std::optional<RowMaker> make(const DatasetSpec& dataset,
                                      std::vector<DatasetProblem>& problems);

  // Nothing if the record is not asked for, or lacks what a row needs.
  std::optional<Record> row_from(const Record& record);

 private:
  struct Column {
    Name name;
    Name form_text;
    ColumnForm form;
    bool needed;
    Expression value;
  };

  RowMaker() = default;

  Name dataset_;
  DatasetSource source_;
  std::optional<Expression> where_;
  std::vector<Column> columns_;
};

}  // namespace unity
