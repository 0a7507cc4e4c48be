// How a registered dataset stands to what is declared: states and the words that tell of them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "datasets/registry.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

// How the problem of a dataset begins whose table somebody changed, or cannot be mended.
inline constexpr std::string_view kSomebodyChanged = "somebody changed its table";
inline constexpr std::string_view kCannotBeMended = "its table cannot be mended";

// 32 bytes.
std::string hash_of(const DatasetSpec& spec);

DatasetState state_of(const RegisteredDataset& row);
// Blocked: whoever declared a name first keeps it.
DatasetState owned_by_others(const RegisteredDataset& row, const DatasetSpec& spec);

// nullptr if there is none of that name.
const RegisteredDataset* find_row(std::span<const RegisteredDataset> rows, std::string_view name);

// Nothing is to be done for what `spec` declares.
bool is_settled(const RegisteredDataset* row, const DatasetSpec& spec);

bool was_changed(const RegisteredDataset& row);
bool cannot_be_mended(const RegisteredDataset& row);

// Errc::not_found, with the name of the database at `place`.
Error no_dataset(std::string_view dataset, std::string_view place);

}  // namespace unity::db
