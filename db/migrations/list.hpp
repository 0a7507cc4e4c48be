// All migrations, in order. A released one never changes; what is wrong is mended by a new one.
#pragma once

#include "migrate/plan.hpp"

namespace unity::db {

Migrations all_migrations();

}  // namespace unity::db
