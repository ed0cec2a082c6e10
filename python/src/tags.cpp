// Sets and ways on their own (vmsa/tlb/tag_array) for trapwalk/structures.py: what a TLB or a walk cache of any shape
// keeps, without a walker behind it.
#include <optional>

#include "arrays.hpp"
#include "exclusive.hpp"
#include "rooms.hpp"
#include "vmsa.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;
using vmsa::TagArray;

class Tags final {
 public:
  struct Settings {
    u64 entries, ways;
    std::string policy;
    u64 seed;
    bool skewed;
    bool tables;              ///< holds pointers to tables: a walk cache
    std::vector<u8> regions;  ///< bits of what a miss brings in, ascending
  };
  explicit Tags(const Settings& settings)
      : tags_({.entries = settings.entries,
               .ways = settings.ways,
               .policy = *vmsa::policy_of(settings.policy),
               .seed = settings.seed,
               .indexing = settings.skewed ? vmsa::Indexing::Skewed : vmsa::Indexing::Modulo}),
        kind_(settings.tables ? vmsa::Kind::Stage1Table : vmsa::Kind::Leaf),
        regions_(settings.regions) {}

  /// Bits of what each address hit, 0: nothing, and what was missing comes in.
  py::array_t<u8> access(const py::array& addresses, const py::array& vmids, const py::array& asids) {
    const Exclusive::Use use(exclusive_);
    const std::span<const u64> vas = span_of<u64>(addresses);
    const Column<u16> vmid(span_of<u16>(vmids)), asid(span_of<u16>(asids));
    py::array_t<u8> hits(static_cast<py::ssize_t>(vas.size()));
    const std::span<u8> out = writable(hits);
    in_parts(vas.size(), [&](std::size_t first, std::size_t count) {
      for (std::size_t n = first; n < first + count; ++n)
        out[n] = access_one(vas[n], context_of(vmid[n], asid[n], false));
    });
    return hits;
  }
  u8 lookup(u64 address, u16 vmid, u16 asid) {
    const Exclusive::Use use(exclusive_);
    return look(address, context_of(vmid, asid, false));
  }
  void insert(u64 address, u8 bits, u16 vmid, u16 asid, bool global) {
    const Exclusive::Use use(exclusive_);
    put(address, bits, context_of(vmid, asid, global));
  }
  bool holds(u64 address, u16 vmid, u16 asid) {
    const Exclusive::Use use(exclusive_);
    return tags_.find(address, context_of(vmid, asid, false)) != TagArray::kNone;
  }
  void invalidate(u8 scope, u64 address, u64 bytes, u16 asid, u16 vmid) {
    const Exclusive::Use use(exclusive_);
    const vmsa::Invalidate what = invalidate_of(scope, address, bytes, asid, vmid, true);
    tags_.invalidate(counters_, [&](const vmsa::Tag& tag) { return takes(what, tag); });
  }
  void clear() {
    const Exclusive::Use use(exclusive_);
    tags_.clear();
  }
  void clear_statistics() {
    const Exclusive::Use use(exclusive_);
    counters_ = {};
  }
  py::dict statistics() {
    const Exclusive::Use use(exclusive_);
    return dict_of(counters_.statistics());
  }

 private:
  /// A guest's: both stages are in force.
  vmsa::ContextWord context_of(u16 vmid, u16 asid, bool global) const {
    vmsa::Context context;
    context.stage2 = true;
    context.vmid = Vmid{vmid};
    context.asid = Asid{asid};
    return {context, global, kind_};
  }
  u8 look(u64 address, vmsa::ContextWord context) {
    const u32 line = tags_.lookup(address, context, counters_);
    return line == TagArray::kNone ? u8{0} : tags_.bits(line);
  }
  u8 access_one(u64 address, vmsa::ContextWord context) {
    const u8 hit = look(address, context);
    for (const u8 region : regions_) {
      if (hit != 0 && region >= hit) break;
      put(address, region, context);
    }
    return hit;
  }
  void put(u64 address, u8 bits, vmsa::ContextWord context) {
    vmsa::Tag tag;
    tag.context = context;
    tag.bits = tag.reach_bits = bits;
    tag.page = address >> bits;
    tags_.insert(tag, counters_);
  }

  TagArray tags_;
  vmsa::Counters counters_;
  vmsa::Kind kind_;
  std::vector<u8> regions_;
  Exclusive exclusive_;
};

}  // namespace

void add_tags(py::module_& module) {
  py::class_<Tags>(module, "Tags")
      .def(py::init([](u64 entries, u64 ways, const std::string& policy, u64 seed, bool skewed, bool tables,
                       const std::vector<u8>& regions) {
        return std::make_unique<Tags>(Tags::Settings{entries, ways, policy, seed, skewed, tables, regions});
      }))
      .def("access", &Tags::access)
      .def("lookup", &Tags::lookup)
      .def("insert", &Tags::insert)
      .def("holds", &Tags::holds)
      .def("invalidate", &Tags::invalidate)
      .def("clear", &Tags::clear)
      .def("clear_statistics", &Tags::clear_statistics)
      .def("statistics", &Tags::statistics);
}

}  // namespace tw::python
