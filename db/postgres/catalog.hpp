// The host's registry in PostgreSQL.
#pragma once

#include "postgres/session_pool.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db::postgres {

class PostgresCatalog : public Catalog {
 public:
  explicit PostgresCatalog(SessionPool& pool) : pool_(pool) {}

  Result<void> register_plugins(std::span<const PluginInfo> plugins) override;
  Result<void> update_status(std::span<const PluginStatus> status) override;

 private:
  SessionPool& pool_;
};

}  // namespace unity::db::postgres
