// Looks at everything that the applied migrations made, and says all that is not as they made it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/schema_session.hpp"

namespace unity::db {

// Never stops at the first finding. An error only if the database cannot be read, or is not ours.
Result<SchemaVerification> verify(SchemaSession& session, Migrations migrations);

}  // namespace unity::db
