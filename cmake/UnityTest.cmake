# unity_test(NAME [TOGETHER] SOURCES file... [ALONE file...] LIBRARIES target... [LABELS label...])
# adds a GoogleTest program. TOGETHER: its tests share something costly, and run as one. ALONE: as of
# unity_compile_together().
include(GoogleTest)

function(unity_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TOGETHER" "" "SOURCES;ALONE;LIBRARIES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  unity_compile_together(${name} ALONE ${arg_ALONE})
  target_link_libraries(${name} PRIVATE unity::options unity_test_support ${arg_LIBRARIES}
    GTest::gtest GTest::gmock GTest::gtest_main)
  # Nobody waits for a test's own code.
  target_compile_options(${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-Og>)
  list(APPEND arg_LABELS unit)
  if(arg_TOGETHER)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 900)
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 120)
endfunction()
