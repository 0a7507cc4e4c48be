# Script: writes a header with the manifest as an ELF note (owner UNITY, type 1, section
# .note.unity), so that a host can read it without loading the library.
#   cmake -DMANIFEST=plugin.json -DOUTPUT=unity_manifest.h -P UnityManifest.cmake
cmake_policy(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/UnityManifestCheck.cmake")

file(READ "${MANIFEST}" text)
set(problems "")
if(NOT UNCHECKED)
  unity_check_manifest("${text}" problems)
endif()
if(problems)
  list(JOIN problems "\n  " problems)
  message(FATAL_ERROR "${MANIFEST} is not a usable manifest:\n  ${problems}")
endif()
string(JSON id ERROR_VARIABLE none GET "${text}" id)
file(READ "${MANIFEST}" bytes HEX)
string(LENGTH "${bytes}" length)
math(EXPR length "${length} / 2 + 1") # with the final NUL
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)" "\\1\n  " bytes "${bytes}")
file(WRITE "${OUTPUT}" "/* Written by unity_add_plugin from the manifest of ${id}. Include in one source. */
#include <stdint.h>

__attribute__((section(\".note.unity\"), aligned(4), used)) static const struct {
  uint32_t owner_size, manifest_size, type;
  char owner[8];
  unsigned char manifest[${length}];
} unity_manifest_note_ = {6, ${length}, 1, \"UNITY\", {
  ${bytes}0x00}};

#define UNITY_MANIFEST {(const char *)unity_manifest_note_.manifest, sizeof unity_manifest_note_.manifest - 1}
")
