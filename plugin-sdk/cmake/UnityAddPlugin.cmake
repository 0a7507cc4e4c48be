# unity_add_plugin(NAME SOURCES file... MANIFEST plugin.json [OPTIONS options.yaml] [STATIC_RUNTIME]
#                  [ANY_MANIFEST])
#
# Builds NAME.so with everything a safe plugin needs: hidden symbols, one export, no unique symbols,
# no lazy or missing ones, never unloaded, no search path of its own, a build id, and the manifest,
# checked, in an ELF note. Sources include "unity_manifest.h" once to get UNITY_MANIFEST.
#
#   STATIC_RUNTIME  links libstdc++ and libgcc into it, for machines with an older one
#   OPTIONS         the collector's options, for NAME-run
#   ANY_MANIFEST    takes the manifest unchecked: for tests of hosts
#
# In a project of its own (one that used find_package) there are also, if `unity` is found:
#   the target NAME-run   `cmake --build build --target NAME-run` prints what one run emits
#   the test   NAME-check `unity plugin check` on the library
function(unity_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "STATIC_RUNTIME;ANY_MANIFEST" "MANIFEST;OPTIONS" "SOURCES")
  if(NOT arg_SOURCES OR NOT arg_MANIFEST)
    message(FATAL_ERROR "unity_add_plugin(${name}): SOURCES and MANIFEST are needed")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "unity_add_plugin(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  cmake_path(ABSOLUTE_PATH arg_MANIFEST BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")

  set(here "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/${name}.manifest")
  add_custom_command(
    OUTPUT "${generated}/unity_manifest.h"
    COMMAND "${CMAKE_COMMAND}" "-DMANIFEST=${arg_MANIFEST}"
            "-DOUTPUT=${generated}/unity_manifest.h" "-DUNCHECKED=${arg_ANY_MANIFEST}" -P "${here}/UnityManifest.cmake"
    DEPENDS "${arg_MANIFEST}" "${here}/UnityManifest.cmake" "${here}/UnityManifestCheck.cmake"
    COMMENT "Manifest of ${name}"
    VERBATIM)

  add_library(${name} MODULE ${arg_SOURCES} "${generated}/unity_manifest.h")
  target_include_directories(${name} PRIVATE "${generated}")
  target_link_libraries(${name} PRIVATE UnityPluginSDK::sdk)
  set_target_properties(${name} PROPERTIES
    PREFIX "" OUTPUT_NAME "${name}" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH ""
    LINK_DEPENDS "${here}/unity_plugin.map")
  target_compile_options(${name} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE
    "LINKER:--version-script=${here}/unity_plugin.map"
    "LINKER:--exclude-libs,ALL" "LINKER:--as-needed" "LINKER:--build-id"
    "LINKER:-z,defs,-z,now,-z,relro,-z,nodelete,-z,noexecstack")
  if(arg_STATIC_RUNTIME)
    target_link_options(${name} PRIVATE -static-libgcc $<$<LINK_LANGUAGE:CXX>:-static-libstdc++>)
  endif()

  if(UNITY_EXECUTABLE AND UNITY_PLUGIN_PROJECT)
    unity_add_plugin_tools(${name} "${arg_OPTIONS}")
  endif()
endfunction()

# The target NAME-run and the test NAME-check.
function(unity_add_plugin_tools name options)
  set(given "")
  if(options)
    cmake_path(ABSOLUTE_PATH options BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    set(given --instance-config "${options}")
  endif()
  add_custom_target(${name}-run
    COMMAND "${UNITY_EXECUTABLE}" plugin run $<TARGET_FILE:${name}> --once ${given}
    DEPENDS ${name} USES_TERMINAL VERBATIM)

  # Older hosts have no `plugin check`.
  if(NOT DEFINED UNITY_CHECKS_PLUGINS)
    execute_process(COMMAND "${UNITY_EXECUTABLE}" plugin --help
      OUTPUT_VARIABLE commands ERROR_QUIET)
    set(checks OFF)
    if(commands MATCHES "\n +check ")
      set(checks ON)
    endif()
    set(UNITY_CHECKS_PLUGINS ${checks} CACHE INTERNAL "Does this unity have `plugin check`?")
  endif()
  if(UNITY_CHECKS_PLUGINS)
    add_test(NAME ${name}-check
      COMMAND "${UNITY_EXECUTABLE}" plugin check $<TARGET_FILE:${name}>)
  endif()
endfunction()
