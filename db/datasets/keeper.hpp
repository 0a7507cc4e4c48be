// Knows the tables of datasets for whoever writes rows, and has them made and mended. One thread at
// a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/registry.hpp"
#include "migrate/schema_session.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

class DatasetKeeper {
 public:
  using OpenSession = std::function<Result<std::unique_ptr<SchemaSession>>()>;
  // How a session is opened that looks at the schema, and one that changes it.
  DatasetKeeper(OpenSession look, OpenSession open)
      : look_(std::move(look)), open_(std::move(open)) {}

  Result<std::vector<DatasetState>> declare(std::span<const DatasetSpec> specs);

  // Makes find() know these; asks the database only for names that are new. Not inside a
  // transaction of the caller's.
  Result<void> learn(std::span<const Record> batch);
  // Null: there is no such dataset.
  const RegisteredDataset* find(std::string_view dataset) const;

  // Tables or columns are missing that were there: makes them again. Not inside a transaction. What
  // cannot be made is no error: why_broken() knows it.
  Result<void> mend();
  // What a dataset's table lacks since the last mend(); null: nothing that is known.
  const std::string* why_broken(std::string_view dataset) const;
  // Changes whenever what find() returned may be gone.
  std::uint64_t generation() const { return generation_; }

 private:
  Result<void> load();

  OpenSession look_;
  OpenSession open_;
  std::map<std::string, RegisteredDataset, std::less<>> known_;
  std::map<std::string, bool, std::less<>> missing_;  // that were asked for in vain
  std::map<std::string, std::string, std::less<>> broken_;
  bool loaded_ = false;
  std::uint64_t generation_ = 0;
};

}  // namespace unity::db
