# Every library we use, with the version Debian 12 has. Which target may see which is decided
# where the target is defined: each heavy header has one door.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED)         # headers: Asio, Beast's parser, DLL (host), CRC (core/src/base)
find_package(spdlog 1.10 REQUIRED)        # compiled library (host/src/log)
find_package(fmt 9 REQUIRED)              # everywhere above floor 0
find_package(yaml-cpp 0.7 REQUIRED)       # host/src/config
find_package(CLI11 2.1 REQUIRED)          # host/src/cli
find_package(PostgreSQL 15 REQUIRED)      # db/postgres: libpq
pkg_check_modules(MARIADB REQUIRED IMPORTED_TARGET libmariadb>=3.3) # db/mariadb
find_package(SQLite3 3.40 REQUIRED)       # db/sqlite
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp>=2.5) # host/src/workers: filters
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle) # core/src/base: SHA-256
find_package(RapidJSON 1.1 REQUIRED)      # core/src/json
find_package(date 3.0 REQUIRED)          # core/src/base: time zones
if(UNITY_TESTS)
  find_package(GTest 1.12 REQUIRED)
endif()
