// The rows of a batch, sorted by table and fitted to the columns that these have.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "datasets/keeper.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

struct DatasetRow {
  const Record* record;
  // By column of the layout; null: NULL. They lie in the record.
  std::vector<const FieldValue*> values;
};

struct DatasetRows {
  const Layout* layout;
  std::vector<DatasetRow> rows;  // of one key there is one, the last
};

bool has_rows(std::span<const Record> batch);

// All that may be stored; what may not is added to `rejections`. The keeper has learned the batch.
std::vector<DatasetRows> group_rows(std::span<const Record> batch, const DatasetKeeper& keeper,
                                    std::vector<Rejection>& rejections);

// How these rows are written: the columns of their layout in order, without those that are
// deprecated unless a row has a value for them, and which of them are the key.
struct WrittenColumn {
  enum class Of { device, time, sequence, value } of;
  std::size_t index = 0;  // into values
  std::string name;
  ColumnForm form;
  bool is_key = false;
};
std::vector<WrittenColumn> written_columns(const DatasetRows& table);

}  // namespace unity::db
