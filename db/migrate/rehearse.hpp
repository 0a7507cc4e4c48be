// Tries the migrations in a place where they can do no harm.
#pragma once

#include <string_view>

#include "migrate/plan.hpp"
#include "migrate/scratch.hpp"

namespace unity::db {

// Up to head, compared with what they should make, back to nothing, and the place taken away.
Result<Rehearsal> rehearse(Scratch scratch, Migrations migrations, std::string_view app_version);

}  // namespace unity::db
