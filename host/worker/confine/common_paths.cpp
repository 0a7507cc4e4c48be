// What programs need of a system before they do anything: the loader, the C library, time zones.
#include "worker/confine/landlock.hpp"

namespace unity::worker {
namespace {

constexpr const char* kLibraries[] = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"};
// The last two: the C library finds the main stack and the number of processors there.
constexpr const char* kReadable[] = {"/etc/ld.so.cache", "/usr/share/zoneinfo",    "/etc/localtime",
                                     "/dev/zero",        "/dev/urandom",           "/dev/random",
                                     "/proc/self/maps",  "/sys/devices/system/cpu"};
// How hosts are looked up, and whose certificates are believed.
constexpr const char* kNames[] = {"/etc/resolv.conf",
                                  "/run/systemd/resolve",
                                  "/run/resolvconf",
                                  "/etc/hosts",
                                  "/etc/host.conf",
                                  "/etc/gai.conf",
                                  "/etc/nsswitch.conf",
                                  "/etc/services",
                                  "/etc/protocols",
                                  "/etc/ssl/certs",
                                  "/etc/ssl/openssl.cnf",
                                  "/etc/pki/tls/certs",
                                  "/usr/share/ca-certificates"};

}  // namespace

std::vector<PathRule> common_paths(const Confinement& confinement) {
  std::vector<PathRule> rules;
  // A program is run by way of its loader, which lies among the libraries.
  for (const auto* path : kLibraries) rules.push_back({path, true, false, confinement.spawn});
  for (const auto* path : kReadable) rules.push_back({path, true, false, false});
  rules.push_back({"/dev/null", true, true, false});
  if (confinement.looks_up_names) {
    for (const auto* path : kNames) rules.push_back({path, true, false, false});
  }
  return rules;
}

}  // namespace unity::worker
