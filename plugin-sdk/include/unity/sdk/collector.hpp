// Describes a class to the host: polled<Class>("name") or streaming<Class>("name").
//
// The class has a constructor
//     Class(Host, const Options&)   or   Class(Host, const Options&, const Start&)
// and, by its kind, one of
//     void collect(Call)            polled: emits what there is now and returns
//     void stream(Call, Stream)     streaming: returns when cancelled or when the source ends
// and, if it likes, any of
//     void interrupt()                          wakes the call that runs; from another thread
//     void reconfigure(Call, const Options&)    takes new options; throws to keep the old ones
//     void probe(Call)                          tries the target and emits nothing
// Without reconfigure() the host makes a new instance when the options change.
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include "unity/plugin.h"
#include "unity/sdk/barrier.hpp"
#include "unity/sdk/call.hpp"
#include "unity/sdk/host.hpp"
#include "unity/sdk/options.hpp"
#include "unity/sdk/stream.hpp"

namespace unity::sdk {
inline namespace v1 {

// What an instance may want to know when it is made. Borrowed: copy what you keep.
struct Start {
  std::string_view instance_id;  // the configured id; stable across restarts
  std::string_view checkpoint;   // the last durable one, or empty
  Call call;                     // to be cancelled while connecting
};

namespace detail {

// has_x<Class>: does it have a member x at all? (Looking up a name that two bases have fails.)
// A final class cannot be derived from and is asked directly.
#define UNITY_SDK_HAS_MEMBER(member)                        \
  struct Names_##member {                                   \
    int member;                                             \
  };                                                        \
  template <class Class>                                    \
  struct With_##member : Class, Names_##member {};          \
  template <class Class>                                    \
  constexpr bool has_##member() {                           \
    if constexpr (std::is_final_v<Class>) return requires { \
        &Class::member;                                     \
      };                                                    \
    else                                                    \
      return !requires { &With_##member<Class>::member; };  \
  }
UNITY_SDK_HAS_MEMBER(interrupt)
UNITY_SDK_HAS_MEMBER(reconfigure)
UNITY_SDK_HAS_MEMBER(probe)
#undef UNITY_SDK_HAS_MEMBER

template <class Class>
concept TakesStart = std::constructible_from<Class, Host, const Options&, const Start&>;
template <class Class>
concept TakesOptions = std::constructible_from<Class, Host, const Options&>;
template <class Class>
concept Collects = requires(Class& collector, Call call) {
  collector.collect(std::move(call));
};
template <class Class>
concept Streams = requires(Class& collector, Call call, Stream stream) {
  collector.stream(std::move(call), std::move(stream));
};
template <class Class>
concept Interrupts = requires(Class& collector) {
  collector.interrupt();
};
template <class Class>
concept Reconfigures = requires(Class& collector, Call call, const Options& options) {
  collector.reconfigure(std::move(call), options);
};
template <class Class>
concept Probes = requires(Class& collector, Call call) {
  collector.probe(std::move(call));
};

template <class Class>
constexpr void check_class() {
  static_assert(TakesStart<Class> || TakesOptions<Class>,
                "the constructor must be public and take (Host, const Options&) or (Host, const "
                "Options&, const Start&)");
  static_assert(std::is_nothrow_destructible_v<Class>,
                "the destructor must be public and must not throw");
  static_assert(!has_interrupt<Class>() || Interrupts<Class>,
                "interrupt must be public: void interrupt()");
  static_assert(!has_reconfigure<Class>() || Reconfigures<Class>,
                "reconfigure must be public: void reconfigure(Call, const Options&)");
  static_assert(!has_probe<Class>() || Probes<Class>, "probe must be public: void probe(Call)");
}

// The C functions of a class.
template <class Class>
struct Thunks {
  static Class& self(unity_instance* instance) { return *reinterpret_cast<Class*>(instance); }

  static unity_status create(unity_host* host, unity_call* call, const unity_config* config,
                             unity_instance** out) noexcept {
    bool warned = false;
    Class* made = nullptr;
    const auto status = barrier(call, [&] {
      const Options options(from_abi(config->json));
      if constexpr (TakesStart<Class>) {
        const Start start{from_abi(config->instance_id), from_abi(config->checkpoint),
                          Call(call, &warned)};
        made = new Class(Host(host), options, start);
      } else {
        made = new Class(Host(host), options);
      }
    });
    if (made == nullptr) return status < 0 ? status : UNITY_E_INTERNAL;
    *out = reinterpret_cast<unity_instance*>(made);
    return warned ? UNITY_PARTIAL : status;
  }

  static void destroy(unity_instance* instance) noexcept { delete &self(instance); }

  static unity_status collect(unity_instance* instance, unity_call* call) noexcept {
    return guarded(call, [&](Call wrapped) { self(instance).collect(std::move(wrapped)); });
  }

  static unity_status stream(unity_instance* instance, unity_call* call,
                             unity_stream* stream) noexcept {
    const auto status = guarded(
        call, [&](Call wrapped) { self(instance).stream(std::move(wrapped), Stream(stream)); });
    if (status < 0) return status;
    return call->api->is_cancelled(call) != 0 ? UNITY_E_CANCELLED : UNITY_END;
  }

  // There is no call to report to, and the call that is to be woken goes on all the same.
  static void interrupt(unity_instance* instance) noexcept {
    try {
      self(instance).interrupt();
    } catch (...) {
    }
  }

  static unity_status reconfigure(unity_instance* instance, unity_call* call,
                                  const unity_config* config) noexcept {
    return guarded(call, [&](Call wrapped) {
      const Options options(from_abi(config->json));
      self(instance).reconfigure(std::move(wrapped), options);
    });
  }

  static unity_status probe(unity_instance* instance, unity_call* call) noexcept {
    return guarded(call, [&](Call wrapped) { self(instance).probe(std::move(wrapped)); });
  }

 private:
  template <class Body>
  static unity_status guarded(unity_call* call, Body body) noexcept {
    bool warned = false;
    const auto status = barrier(call, [&] { body(Call(call, &warned)); });
    return status == UNITY_OK && warned ? UNITY_PARTIAL : status;
  }
};

template <class Class>
constexpr unity_collector describe(std::string_view name, std::uint32_t flags) {
  check_class<Class>();
  unity_collector table{};
  table.struct_size = sizeof table;
  table.flags = flags;
  table.name = {name.data(), name.size()};
  table.create = &Thunks<Class>::create;
  table.destroy = &Thunks<Class>::destroy;
  if constexpr (Interrupts<Class>) table.interrupt = &Thunks<Class>::interrupt;
  if constexpr (Reconfigures<Class>) table.reconfigure = &Thunks<Class>::reconfigure;
  if constexpr (Probes<Class>) table.probe = &Thunks<Class>::probe;
  return table;
}

template <std::size_t N>
constexpr std::array<const unity_collector*, N> pointers_to(const unity_collector (&table)[N]) {
  std::array<const unity_collector*, N> pointers{};
  for (std::size_t i = 0; i < N; ++i) pointers[i] = &table[i];
  return pointers;
}

}  // namespace detail

// `name` must be in the manifest, and live as long as the process (a literal does).
template <class Class>
constexpr unity_collector polled(std::string_view name) {
  static_assert(detail::Collects<Class>, "a polled collector needs: void collect(Call), public");
  auto table = detail::describe<Class>(name, UNITY_COLLECTOR_POLLED);
  if constexpr (detail::Collects<Class>) table.collect = &detail::Thunks<Class>::collect;
  return table;
}

template <class Class>
constexpr unity_collector streaming(std::string_view name) {
  static_assert(detail::Streams<Class>,
                "a streaming collector needs: void stream(Call, Stream), public");
  auto table = detail::describe<Class>(name, UNITY_COLLECTOR_STREAMING);
  if constexpr (detail::Streams<Class>) table.stream = &detail::Thunks<Class>::stream;
  return table;
}

}  // namespace v1
}  // namespace unity::sdk
