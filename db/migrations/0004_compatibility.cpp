#include "migrations/0004_compatibility.hpp"

namespace unity::db {
namespace {

constexpr ViewBody kAlembicVersion[] = {
    {std::nullopt, "SELECT max(seq) AS version_num FROM schema_migrations WHERE state = 'done'"}};

constexpr Op kOps[] = {
    AddColumn{"schema_migrations", with_default({"breaking", Type::boolean}, "0")},
    CreateView{"alembic_version", kAlembicVersion},
};

}  // namespace

std::span<const Op> compatibility_ops() { return kOps; }

}  // namespace unity::db
