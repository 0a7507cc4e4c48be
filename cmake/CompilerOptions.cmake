# One interface target carries every flag of ours; nothing is set globally but the language level.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/unity/plugins")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

# unity_compile_together(TARGET [ALONE file...]): where UNITY_COMPILE_TOGETHER is on, the files of a
# folder are compiled ten at a time as if they were one, which is twice as quick, and four times where
# sanitizers see to everything that each file instantiates anew. ALONE: not these, which say names
# that their neighbours say as well.
option(UNITY_COMPILE_TOGETHER "Compile the files of a folder as one" OFF)
function(unity_compile_together target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "ALONE")
  if(NOT UNITY_COMPILE_TOGETHER)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  list(REMOVE_ITEM sources "" ${arg_ALONE})
  foreach(source IN LISTS sources)
    get_filename_component(folder "${source}" DIRECTORY)
    string(MAKE_C_IDENTIFIER "files_${folder}" group)
    math(EXPR ${group} "${${group}} + 1")
    math(EXPR number "(${${group}} - 1) / 10")
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${group}_${number}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # What is in an unnamed namespace looks as if it came from a header.
  target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
endfunction()

add_library(unity_options INTERFACE)
add_library(unity::options ALIAS unity_options)
target_compile_options(unity_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wimplicit-fallthrough
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>
  $<$<BOOL:${UNITY_WERROR}>:-Werror>)
