// An SMMU with memory, stream tables, queues and translation tables of its own, for trapwalk/smmu.py: one DMA access
// after another. What a driver does (registers, commands) is done here at once.
#include "smmu/smmu.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "arrays.hpp"
#include "configuration.hpp"
#include "errors.hpp"
#include "exclusive.hpp"
#include "memory/ram.hpp"
#include "platforms/replay/smmu_driver.hpp"
#include "platforms/replay/tables.hpp"
#include "platforms/tables/guest_memory.hpp"
#include "platforms/tables/page_tables.hpp"
#include "platforms/tables/physical_memory.hpp"
#include "rooms.hpp"
#include "vmsa.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

constexpr Pa kBase = replay::Tables::kBase;  ///< of memory
constexpr unsigned kVaBits = 48;

/// What a DMA access comes to. A row of the array that Python gets.
struct DmaAnswer {
  u64 pa = 0;
  u32 cycles = 0;
  u16 fetches = 0;
  u8 outcome = 0;  ///< smmu::Outcome
  u8 page_bits = 0;
};

class PythonSmmu final {
 public:
  PythonSmmu(const smmu::Config& config, const replay::Config& formats, unsigned tbus)
      : formats_(formats),
        format1_{.granule = formats.granule, .leaf = formats.leaf, .input_bits = kVaBits},
        format2_{.stage2 = true,
                 .granule = formats.granule2,
                 .leaf = formats.leaf2,
                 .input_bits = static_cast<unsigned>(formats.ipa_bits)},
        ram_(formats.memory),
        tables_(ram_, kBase),
        memory_(ram_, kBase, formats.descriptor_cycles),
        driver_(config, tbus, memory_, tables_) {}

  void add_stream(u32 number, bool stage1, bool stage2, u16 vmid, u16 asid) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      Stream& stream = all_[number];
      tables::StreamTranslation translation;
      translation.stream = StreamId{number};
      translation.tables = &tables_;
      if (stage2) {
        stream.machine = &machines_[vmid];
        if (!stream.machine->stage2) {
          stream.machine->stage2 = std::make_unique<tables::PageTables>(format2_, tables_);
          stream.machine->guest = std::make_unique<tables::GuestMemory>(*stream.machine->stage2, tables_,
                                                                        replay::first_of_guest_tables(formats_));
        }
        translation.stage2 = tables::StageTwo{format2_, stream.machine->stage2->root(), Vmid{vmid}};
        if (stage1) translation.tables = stream.machine->guest.get();
      }
      if (stage1) {
        stream.stage1 = std::make_unique<tables::PageTables>(format1_, *translation.tables);
        translation.stage1.push_back(tables::StageOne{format1_, stream.stage1->root(), Asid{asid}, false});
      }
      driver_.configure(translation, true);
    });
  }
  void map(u32 number, const py::array& from, const py::array& to) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      tables::PageTables& stage1 = *all_.at(number).stage1;
      for_mappings(from, to, [&](u64 iova, u64 output) { stage1.map(iova, output); });
    });
  }
  void map_stage2(u16 vmid, const py::array& from, const py::array& to) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      tables::PageTables& stage2 = *machines_.at(vmid).stage2;
      for_mappings(from, to, [&](u64 ipa, u64 pa) { stage2.map(ipa, pa); });
    });
  }
  void unmap(u32 number, const py::array& from) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      Stream& stream = all_.at(number);
      for_addresses(from, [&](u64 iova) {
        const u64 at = stream.stage1->leaf_address(iova);
        if (stream.machine != nullptr) {
          stream.machine->guest->write(at, 0);
        } else {
          tables_.write(at, 0);
        }
      });
    });
  }

  py::array_t<DmaAnswer> translate(const py::array& streams, const py::array& addresses, bool is_write, unsigned tbu) {
    const Exclusive::Use use(exclusive_);
    const std::span<const u64> iovas = span_of<u64>(addresses);
    const Column<u32> stream(span_of<u32>(streams));
    return array_of<DmaAnswer>(iovas.size(),
                               [&](std::size_t n) { return translate_one(stream[n], iovas[n], is_write, tbu); });
  }

  /// Two words of a command; and a CMD_SYNC, whose end is waited for.
  /// Why it was refused (CMDQ_CONS.ERR); 0: it was not.
  u64 issue(u64 first, u64 second) {
    const Exclusive::Use use(exclusive_);
    driver_.command({first, second});
    driver_.sync();
    return driver_.pass_over_refused();
  }
  /// The records of the event queue, four words each, which is empty then.
  py::array_t<u64> take_events() {
    const Exclusive::Use use(exclusive_);
    const std::vector<std::array<u64, 4>> records = driver_.take_events();
    py::array_t<u64> array({static_cast<py::ssize_t>(records.size()), py::ssize_t{4}});
    for (std::size_t n = 0; n < records.size(); ++n) std::ranges::copy(records[n], array.mutable_data() + 4 * n);
    return array;
  }
  void clear_statistics() {
    const Exclusive::Use use(exclusive_);
    driver_.smmu().clear_statistics();
  }
  py::dict statistics() {
    const Exclusive::Use use(exclusive_);
    const smmu::Statistics counted = driver_.smmu().statistics();
    py::dict dict;
    py::list streams;
    for (const auto& [key, summary] : counted.streams) {
      py::dict row;
      row["stream"] = key.from.stream.value;
      row["vmid"] = key.guest ? py::object(py::int_(key.vmid.value)) : py::object(py::none());
      for (unsigned level = 0; level < smmu::kHitLevelCount; ++level) {
        row[py::str(std::string(smmu::kHitLevels[level]))] = summary.translations[level];
      }
      for (unsigned part = 0; part < smmu::kPartCount; ++part) {
        row[py::str("cycles " + std::string(smmu::kParts[part].name))] = summary.cycles[part];
      }
      row["reads"] = summary.reads;
      row["writes"] = summary.writes;
      row["fetches stage 1"] = summary.fetches_stage1;
      row["fetches stage 2"] = summary.fetches_stage2;
      row["fetches STE"] = summary.ste_fetches;
      row["fetches CD"] = summary.cd_fetches;
      streams.append(row);
    }
    dict["streams"] = streams;
    dict["tbu"] = dict_of(counted.tbu);
    dict["tbu_main"] = dict_of(counted.tbu_main);
    dict["tlb"] = dict_of(counted.tlb);
    dict["walk_cache"] = dict_of(counted.walk_cache);
    dict["walk_cache2"] = dict_of(counted.walk_cache2);
    dict["ipa"] = dict_of(counted.ipa);
    dict["ste"] = dict_of(counted.ste);
    dict["cd"] = dict_of(counted.cd);
    dict["events_lost"] = counted.events_lost;
    dict["cycles"] = driver_.time();
    return dict;
  }
  unsigned stream_bits() const { return driver_.stream_bits(); }

 private:
  struct Machine {
    std::unique_ptr<tables::PageTables> stage2;
    std::unique_ptr<tables::GuestMemory> guest;
  };
  struct Stream {
    std::unique_ptr<tables::PageTables> stage1;
    Machine* machine = nullptr;
  };

  DmaAnswer translate_one(u32 stream, u64 iova, bool is_write, unsigned tbu) {
    smmu::Request request;
    request.from.stream = StreamId{stream};
    request.address = Iova{iova};
    request.write = is_write;
    const u64 fetched = memory_.fetches;
    const smmu::Response response = driver_.translate(tbu, request);
    DmaAnswer answer;
    answer.cycles = static_cast<u32>(response.cycles);
    answer.fetches = static_cast<u16>(memory_.fetches - fetched);
    answer.outcome = static_cast<u8>(response.outcome);
    if (response.outcome != smmu::Outcome::Ok) return answer;
    answer.pa = response.pa.value;
    answer.page_bits = response.page_bits;
    return answer;
  }

  const replay::Config formats_;
  tables::TableFormat format1_, format2_;
  memory::Ram ram_;
  tables::PhysicalMemory tables_;
  replay::SmmuMemory memory_;
  replay::SmmuDriver driver_;
  std::map<u16, Machine> machines_;
  std::map<u32, Stream> all_;
  Exclusive exclusive_;
};

}  // namespace

void add_smmu(py::module_& module) {
  PYBIND11_NUMPY_DTYPE(DmaAnswer, pa, cycles, fetches, outcome, page_bits);
  module.attr("dma_answer_dtype") = py::dtype::of<DmaAnswer>();
  py::class_<PythonSmmu>(module, "Smmu")
      .def(py::init([](const Configuration& configuration, unsigned tbus) {
        return translated("ConfigError", [&] {
          return std::make_unique<PythonSmmu>(configuration.platform().smmu, configuration.replay(), tbus);
        });
      }))
      .def("add_stream", &PythonSmmu::add_stream)
      .def("map", &PythonSmmu::map)
      .def("map_stage2", &PythonSmmu::map_stage2)
      .def("unmap", &PythonSmmu::unmap)
      .def("translate", &PythonSmmu::translate)
      .def("issue", &PythonSmmu::issue)
      .def("take_events", &PythonSmmu::take_events)
      .def("clear_statistics", &PythonSmmu::clear_statistics)
      .def("statistics", &PythonSmmu::statistics)
      .def_property_readonly("stream_bits", &PythonSmmu::stream_bits);
  py::dict events;
  for (const smmu::EventRow& row : smmu::kEvents) {
    events[py::int_(static_cast<unsigned>(row.kind))] = std::string(row.name);
  }
  module.attr("smmu_events") = events;
}

}  // namespace tw::python
