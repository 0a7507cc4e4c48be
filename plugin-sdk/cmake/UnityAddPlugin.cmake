# unity_add_plugin(NAME SOURCES file... MANIFEST plugin.json)
#
# Builds NAME.so with everything a safe plugin needs: hidden symbols, one export, no lazy or
# missing symbols, never unloaded, and the manifest in an ELF note. Sources include
# "unity_manifest.h" once to get UNITY_MANIFEST.
function(unity_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "MANIFEST" "SOURCES")
  if(NOT arg_SOURCES OR NOT arg_MANIFEST)
    message(FATAL_ERROR "unity_add_plugin(${name}): SOURCES and MANIFEST are needed")
  endif()
  cmake_path(ABSOLUTE_PATH arg_MANIFEST BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")

  set(generated "${CMAKE_CURRENT_BINARY_DIR}/${name}.manifest")
  add_custom_command(
    OUTPUT "${generated}/unity_manifest.h"
    COMMAND "${CMAKE_COMMAND}" "-DMANIFEST=${arg_MANIFEST}"
            "-DOUTPUT=${generated}/unity_manifest.h"
            -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/UnityManifest.cmake"
    DEPENDS "${arg_MANIFEST}" "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/UnityManifest.cmake"
    COMMENT "Manifest of ${name}"
    VERBATIM)

  add_library(${name} MODULE ${arg_SOURCES} "${generated}/unity_manifest.h")
  target_include_directories(${name} PRIVATE "${generated}")
  target_link_libraries(${name} PRIVATE UnityPluginSDK::sdk)
  set_target_properties(${name} PROPERTIES
    PREFIX "" OUTPUT_NAME "${name}"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/unity_plugin.map")
  target_compile_options(${name} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE
    "LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/unity_plugin.map"
    "LINKER:--exclude-libs,ALL" "LINKER:--build-id"
    "LINKER:-z,defs,-z,now,-z,relro,-z,nodelete,-z,noexecstack")
endfunction()
