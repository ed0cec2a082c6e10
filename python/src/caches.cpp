// The caches of a cluster of cores (models/cache) for trapwalk/caches.py, with memory that always takes as long.
#include <memory>

#include "arrays.hpp"
#include "cache/hierarchy.hpp"
#include "configuration.hpp"
#include "errors.hpp"
#include "exclusive.hpp"
#include "rooms.hpp"
#include "vmsa.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

class FixedMemory final : public cache::MemoryPort {
 public:
  explicit FixedMemory(u64 cycles) : cycles_(cycles) {}
  u64 read_line(const cache::LineTransfer&) override { return cycles_; }
  u64 write_line(const cache::LineTransfer&) override { return cycles_; }
  u64 uncached(unsigned, const cache::Request&) override { return cycles_; }

 private:
  u64 cycles_;
};

class Caches final {
 public:
  Caches(const cache::Config& config, unsigned cores, u64 memory_cycles)
      : memory_(memory_cycles), caches_(config, cores, memory_) {}

  struct Who {
    unsigned core;
    cache::Kind kind;
    u8 size;
    u16 vmid;
    bool guest;
    u64 interval;  ///< of time between the end of an access and the next
  };
  /// One access after another, each when the one before is done.
  py::tuple access(const py::array& addresses, const Who& who) {
    const Exclusive::Use use(exclusive_);
    const std::span<const u64> pas = span_of<u64>(addresses);
    py::array_t<u64> cycles(static_cast<py::ssize_t>(pas.size()));
    py::array_t<u8> served(static_cast<py::ssize_t>(pas.size()));
    const std::span<u64> cycles_out = writable(cycles);
    const std::span<u8> served_out = writable(served);
    cache::Request request;
    request.kind = who.kind;
    request.size = who.size;
    request.owner = {who.guest, Vmid{who.vmid}};
    in_parts(pas.size(), [&](std::size_t first, std::size_t count) {
      for (std::size_t n = first; n < first + count; ++n) {
        request.pa = Pa{pas[n]};
        request.now = now_;
        cost::Latency latency;
        served_out[n] = static_cast<u8>(caches_.access(who.core, request, latency));
        cycles_out[n] = latency.total();
        now_ += latency.total() + who.interval;
      }
    });
    return py::make_tuple(cycles, served);
  }
  u8 state(u8 level, unsigned core, u64 pa) {
    const Exclusive::Use use(exclusive_);
    return static_cast<u8>(caches_.state(static_cast<cache::LevelId>(level), core, Pa{pa}));
  }
  void clean(u64 pa, bool invalidate) {
    const Exclusive::Use use(exclusive_);
    cache::Request request;
    request.pa = Pa{pa};
    request.now = now_;
    cost::Latency latency;
    caches_.clean(0, invalidate ? cache::Clean::ToPocAndInvalidate : cache::Clean::ToPoc, request, latency);
    now_ += latency.total();
  }
  void reset() {
    const Exclusive::Use use(exclusive_);
    caches_.reset();
  }
  void clear_statistics() {
    const Exclusive::Use use(exclusive_);
    caches_.clear_statistics();
  }
  /// Rows (level, core or None, counts).
  py::list statistics() {
    const Exclusive::Use use(exclusive_);
    py::list list;
    for (unsigned level = 0; level < cache::kLevelCount; ++level) {
      const auto id = static_cast<cache::LevelId>(level);
      for (unsigned core = 0; core < (caches_.is_shared(id) ? 1 : caches_.cores()); ++core) {
        const cache::LevelStatistics* counted = caches_.statistics(id, core);
        if (counted == nullptr) continue;
        py::dict row;
        for (const cache::StatisticRow& field : cache::kLevelStatistics) {
          row[py::str(std::string(field.name))] = counted->*field.member;
        }
        row["hits"] = counted->hits();
        list.append(
            py::make_tuple(level, caches_.is_shared(id) ? py::object(py::none()) : py::object(py::int_(core)), row));
      }
    }
    return list;
  }
  u64 now() const { return now_; }

 private:
  FixedMemory memory_;
  cache::Hierarchy caches_;
  u64 now_ = 0;
  Exclusive exclusive_;
};

}  // namespace

void add_caches(py::module_& module) {
  py::class_<Caches>(module, "Caches")
      .def(py::init([](const Configuration& configuration, unsigned cores, u64 memory_cycles) {
        return translated("ConfigError", [&] {
          return std::make_unique<Caches>(configuration.platform().cache, cores, memory_cycles);
        });
      }))
      .def("access",
           [](Caches& caches, const py::array& addresses, u8 kind, unsigned core, u8 size, u16 vmid, bool guest,
              u64 interval) {
             return caches.access(addresses, {core, static_cast<cache::Kind>(kind), size, vmid, guest, interval});
           })
      .def("state", &Caches::state)
      .def("clean", &Caches::clean)
      .def("reset", &Caches::reset)
      .def("clear_statistics", &Caches::clear_statistics)
      .def("statistics", &Caches::statistics)
      .def_property_readonly("now", &Caches::now);
}

}  // namespace tw::python
