// A plugin loaded into the host itself, for collectors that run inline.
#pragma once

#include <memory>

#include "plugin/plugin_image.hpp"
#include "worker/runtime/library.hpp"

namespace unity::host {

// Each image is loaded once and stays, with its memory, until the process ends. Any thread.
Result<std::shared_ptr<const Library>> load_into_host(std::shared_ptr<const PluginImage> image);

}  // namespace unity::host
