#include "mariadb/parameters.hpp"

namespace unity::db::mariadb {

std::vector<MYSQL_BIND> Parameters::binds() {
  std::vector<MYSQL_BIND> binds;
  for (auto& value : values_) {
    MYSQL_BIND bind{};
    bind.buffer_type = value.type;
    if (value.type == MYSQL_TYPE_LONGLONG) {
      bind.buffer = &value.integer;
    } else if (value.type == MYSQL_TYPE_DOUBLE) {
      bind.buffer = &value.real;
    } else {
      bind.buffer = value.bytes.data();
      bind.buffer_length = value.length;
      bind.length = &value.length;
    }
    binds.push_back(bind);
  }
  return binds;
}

}  // namespace unity::db::mariadb
