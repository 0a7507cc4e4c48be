// Words that a database may take for its own.
#pragma once

#include <string_view>

namespace unity {

// Reserved in PostgreSQL, MariaDB or SQLite; `word` is in lower case.
bool is_sql_word(std::string_view word);

}  // namespace unity
