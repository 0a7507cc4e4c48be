#include "memory/memory.hpp"

#include "memory/memory_audit.hpp"
#include "memory/memory_catalog.hpp"
#include "memory/memory_storage.hpp"

namespace unity::db {
namespace {

class MemoryDatabase : public Database {
 public:
  Storage& storage() override { return storage_; }
  Catalog& catalog() override { return catalog_; }
  Audit& audit() override { return audit_; }
  MetricReader& reader() override { return storage_; }

 private:
  MemoryStorage storage_;
  MemoryCatalog catalog_;
  MemoryAudit audit_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_memory(const DatabaseConfig&) {
  return std::unique_ptr<Database>(std::make_unique<MemoryDatabase>());
}

Result<std::unique_ptr<MetricReader>> open_memory_reader(const DatabaseConfig&) {
  return Error{Errc::refused,
               "cannot read a database of type \"memory\": it lives inside the process that "
               "writes it. Set database.type to sqlite to query what was stored"};
}

}  // namespace unity::db
