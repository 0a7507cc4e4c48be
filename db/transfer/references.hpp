// Rows refer to others by numbers that a database gave out. Brought to one where these numbers mean
// something else, they would be attached to other machines.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "transfer/manifest.hpp"
#include "transfer/tables.hpp"

namespace unity::db::transfer {

// The tables of its schema that the export does not have.
std::vector<std::string> left_out(const Manifest& manifest);

// Errc::refused if one of `tables` has rows and refers to a table that the export does not have.
Result<void> require_references(const Manifest& manifest, const std::vector<TransferTable>& tables,
                                const std::filesystem::path& path);

}  // namespace unity::db::transfer
