// Whether the schema of this binary can take what an export has.
#pragma once

#include <filesystem>
#include <vector>

#include "transfer/manifest.hpp"
#include "transfer/tables.hpp"

namespace unity::db::transfer {

// The tables of the export, with the columns that they had then, in the order of their references.
// Those of an older schema fit if what was added since may be NULL or has a default. Errc::refused
// if they do not, if the export is of a newer schema, has tables that are not known, or lacks some
// to which others refer (references.hpp).
Result<std::vector<TransferTable>> fitting_tables(const Manifest& manifest,
                                                  const std::filesystem::path& path);

}  // namespace unity::db::transfer
