// The test kit: a host for tests of plugins, with any test framework or none.
//
//   unity::testkit::Host host;
//   unity::testkit::Instance folder(host, unity::testkit::Plugin::load("folder.so"),
//                                   R"({"path": "/tmp"})");
//   const auto run = folder.collect();
//   assert(run.status == UNITY_OK);
//   assert(run.record("folder", {{"path", "/tmp"}}).number("files") == 3);
//   assert(host.breaches().empty());
//
// Time is virtual, secrets and state are in memory, each answer of the host can be made to fail.
// C++20 and nothing else; link with ${CMAKE_DL_LIBS} and Threads::Threads.
#pragma once

#include "unity/testkit/faults.hpp"
#include "unity/testkit/host.hpp"
#include "unity/testkit/instance.hpp"
#include "unity/testkit/json.hpp"
#include "unity/testkit/plugin.hpp"
#include "unity/testkit/records.hpp"
#include "unity/testkit/stream_run.hpp"
#include "unity/testkit/token.hpp"
