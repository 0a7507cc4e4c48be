# unity_test(NAME SOURCES file... LIBRARIES target...) adds a GoogleTest program.
include(GoogleTest)

function(unity_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE unity::options unity_test_support ${arg_LIBRARIES}
    GTest::gtest GTest::gmock GTest::gtest_main)
  list(APPEND arg_LABELS unit)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 120)
endfunction()
