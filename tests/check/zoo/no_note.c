/* A plugin without a manifest in its file. */
#include <unity/plugin.h>

static const unity_plugin plugin = {
    sizeof(unity_plugin), UNITY_API_TARGET, UNITY_ABI(1, 0), 0, 0, {"{}", 2}};

UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args* args) {
  (void)args;
  return &plugin;
}
