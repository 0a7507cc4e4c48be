// The tables of datasets in a database that is moved. Their layouts are rows of the table
// `datasets`, which comes before them.
#pragma once

#include <vector>

#include "transfer/transfer_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db::transfer {

// In the order of their ids, as the session sees them. None if the schema has no datasets yet.
Result<std::vector<Layout>> read_layouts(TransferSession& session,
                                         const std::vector<TransferTable>& tables);

// Makes tables and views of the datasets that are registered, where they are missing.
Result<void> make_dataset_tables(const DatabaseConfig& config);

// Takes those of `tables` out that the database has not made yet. Errc::refused if it has one that
// is no dataset's, or another than the one that `tables` names.
Result<std::vector<TransferTable>> tables_there(const DatabaseConfig& config,
                                                std::vector<TransferTable> tables);

}  // namespace unity::db::transfer
