// How storages share their connections.
#include "app/exposition.hpp"

namespace unity::host {
namespace {

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

template <class Number>
void add_per_pool(Exposition& out, const DeliveryState& delivery, std::string_view name,
                  std::string_view type, std::string_view help, Number number) {
  out.family(name, type, help);
  for (const auto& storage : delivery.storages) {
    if (!storage.writer.pool) continue;
    out.sample(name, label("storage", storage.id),
               static_cast<double>(number(*storage.writer.pool)));
  }
}

void add_waits(Exposition& out, const StorageState& storage) {
  const std::string_view name = "unity_pool_wait_seconds";
  const auto of = label("storage", storage.id);
  const auto& waits = storage.writer.pool->waits;
  std::uint64_t within = 0;
  for (std::size_t i = 0; i < waits.kBounds.size(); ++i) {
    within += waits.counts[i];
    out.sample(fmt::format("{}_bucket", name),
               fmt::format("{},le=\"{}\"", of, seconds(waits.kBounds[i])),
               static_cast<double>(within));
  }
  const auto count = static_cast<double>(waits.count());
  out.sample(fmt::format("{}_bucket", name), of + ",le=\"+Inf\"", count);
  out.sample(fmt::format("{}_sum", name), of, seconds(waits.sum));
  out.sample(fmt::format("{}_count", name), of, count);
}

}  // namespace

void add_pools(Exposition& out, const DeliveryState& delivery) {
  using State = db::PoolState;
  add_per_pool(out, delivery, "unity_pool_in_use", "gauge", "Connections that somebody uses.",
               [](const State& s) { return s.in_use; });
  add_per_pool(out, delivery, "unity_pool_idle", "gauge", "Connections that wait for use.",
               [](const State& s) { return s.idle; });
  add_per_pool(out, delivery, "unity_pool_waiting", "gauge", "Who waits for a connection.",
               [](const State& s) { return s.waiting; });
  add_per_pool(out, delivery, "unity_pool_created_total", "counter", "Connections opened.",
               [](const State& s) { return s.created; });
  add_per_pool(out, delivery, "unity_pool_recycled_total", "counter",
               "Connections closed because of their age.",
               [](const State& s) { return s.recycled; });
  add_per_pool(out, delivery, "unity_pool_timeouts_total", "counter", "Waits in vain.",
               [](const State& s) { return s.timeouts; });
  add_per_pool(out, delivery, "unity_pool_turned_away_total", "counter",
               "Refused at once because too many waited.",
               [](const State& s) { return s.turned_away; });
  add_per_pool(out, delivery, "unity_pool_leaks", "gauge",
               "Connections held for longer than leak_warn_after.",
               [](const State& s) { return s.leaks.size(); });
  add_per_pool(out, delivery, "unity_pool_broken", "gauge",
               "1 while a server that cannot be connected to is left alone.",
               [](const State& s) { return s.broken ? 1 : 0; });
  out.family("unity_pool_wait_seconds", "histogram", "How long a connection was waited for.");
  for (const auto& storage : delivery.storages) {
    if (storage.writer.pool) add_waits(out, storage);
  }
}

}  // namespace unity::host
