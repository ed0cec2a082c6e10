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
#include "platforms/dma_study/smmu_registers.hpp"
#include "platforms/tables/guest_memory.hpp"
#include "platforms/tables/page_tables.hpp"
#include "platforms/tables/physical_memory.hpp"
#include "platforms/tables/stream_tables.hpp"
#include "rooms.hpp"
#include "vmsa.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

constexpr Pa kBase{u64{1} << 30};  ///< of memory
constexpr u64 kNever = ~u64{0};
constexpr unsigned kCommandBits = 8, kEventBits = 12;
constexpr u64 kCommandBytes = 16, kEventBytes = 32;
constexpr unsigned kStreamBits = 16;  ///< of the stream table, where the SMMU has so many
constexpr unsigned kVaBits = 48;

class Memory final : public smmu::MemoryPort {
 public:
  Memory(memory::Ram& ram, u64 cycles) : ram_(ram), cycles_(cycles) {}

  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override {
    ++fetches;
    vmsa::DescriptorReply reply;
    reply.ok = ram_.read(request.address.value - kBase.value, sizeof reply.value, reply.value);
    reply.cycles = cycles_;
    return reply;
  }
  /// Nothing manages the Access flag or dirty state here.
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest&, u64, u64) override { return {.atomic = false}; }
  smmu::MemoryReply read(Pa at, std::span<u8> into, Security, u64, bool timed) override {
    return {ram_.read(at.value - kBase.value, into), timed ? cycles_ : 0};
  }
  smmu::MemoryReply write(Pa at, std::span<const u8> from, Security, u64) override {
    return {ram_.write(at.value - kBase.value, from), cycles_};
  }

  u64 fetches = 0;  ///< of descriptors

 private:
  memory::Ram& ram_;
  u64 cycles_;
};

class Signals final : public smmu::SignalPort {
 public:
  u64 now() const override { return time; }
  void work_at(u64 when) override { wish = std::min(wish, when); }
  void pulse(smmu::Wire, Security) override {}
  void send_event() override {}
  void resume(u16, smmu::StallVerdict) override {}

  u64 time = 0, wish = kNever;
};

class NoEndpoints final : public smmu::EndpointPort {
 public:
  bool invalidate(const smmu::AtcInvalidate&) override { return false; }
  void respond(const smmu::PageResponse&) override {}
};

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
        streams_(tables_, static_cast<unsigned>(std::min<u64>(config.sid_bits, kStreamBits)),
                 static_cast<unsigned>(config.pa_bits)),
        commands_(tables_.allocate(kCommandBytes << kCommandBits)),
        events_(tables_.allocate(kEventBytes << kEventBits)),
        memory_(ram_, formats.descriptor_cycles),
        smmu_(config, tbus, memory_, signals_, endpoints_) {
    using namespace study;
    write(kCr1, kCacheableShareable);
    write(kCr2, kRecordInvalidStreams);
    write(kStrtabBase, streams_.strtab_base(), 8);
    write(kStrtabBaseCfg, streams_.strtab_base_cfg());
    write(kCmdqBase, commands_ | kReadAllocate | kCommandBits, 8);
    write(kEventqBase, events_ | kReadAllocate | kEventBits, 8);
    write(kCr0, kSmmuEn | kEventqEn | kCmdqEn);
    run();
  }

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
          stream.machine->guest =
              std::make_unique<tables::GuestMemory>(*stream.machine->stage2, tables_, first_of_tables(formats_));
        }
        translation.stage2 = tables::StageTwo{format2_, stream.machine->stage2->root(), Vmid{vmid}};
        if (stage1) translation.tables = stream.machine->guest.get();
      }
      if (stage1) {
        stream.stage1 = std::make_unique<tables::PageTables>(format1_, *translation.tables);
        translation.stage1.push_back(tables::StageOne{format1_, stream.stage1->root(), Asid{asid}, false});
      }
      streams_.add(translation);
      command({0x03 | u64{number} << 32, 1});  // CMD_CFGI_STE, Leaf (4.3)
      command({0x46, 0});                      // CMD_SYNC
    });
  }
  void map(u32 number, const py::array& from, const py::array& to) {
    const Exclusive::Use use(exclusive_);
    const std::span<const u64> iovas = span_of<u64>(from), outputs = span_of<u64>(to);
    translated("Error", [&] {
      const py::gil_scoped_release without_gil;
      tables::PageTables& stage1 = *all_.at(number).stage1;
      for (std::size_t n = 0; n < iovas.size(); ++n) stage1.map(iovas[n], outputs[n]);
    });
  }
  void map_stage2(u16 vmid, const py::array& from, const py::array& to) {
    const Exclusive::Use use(exclusive_);
    const std::span<const u64> ipas = span_of<u64>(from), pas = span_of<u64>(to);
    translated("Error", [&] {
      const py::gil_scoped_release without_gil;
      tables::PageTables& stage2 = *machines_.at(vmid).stage2;
      for (std::size_t n = 0; n < ipas.size(); ++n) stage2.map(ipas[n], pas[n]);
    });
  }
  void unmap(u32 number, const py::array& from) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      Stream& stream = all_.at(number);
      for (const u64 iova : span_of<u64>(from)) {
        const u64 at = stream.stage1->leaf_address(iova);
        if (stream.machine != nullptr) {
          stream.machine->guest->write(at, 0);
        } else {
          tables_.write(at, 0);
        }
      }
    });
  }

  py::array_t<DmaAnswer> translate(const py::array& streams, const py::array& addresses, bool is_write, unsigned tbu) {
    const Exclusive::Use use(exclusive_);
    const std::span<const u64> iovas = span_of<u64>(addresses);
    const Column<u32> stream(span_of<u32>(streams));
    py::array_t<DmaAnswer> answers(static_cast<py::ssize_t>(iovas.size()));
    const std::span<DmaAnswer> out = writable(answers);
    in_parts(iovas.size(), [&](std::size_t first, std::size_t count) {
      for (std::size_t n = first; n < first + count; ++n) out[n] = translate_one(stream[n], iovas[n], is_write, tbu);
    });
    return answers;
  }

  /// Two words of a command; and a CMD_SYNC, whose end is waited for.
  void issue(u64 first, u64 second) {
    const Exclusive::Use use(exclusive_);
    command({first, second});
    command({0x46, 0});
  }
  /// The records of the event queue, four words each, which is empty then.
  py::array_t<u64> take_events() {
    const Exclusive::Use use(exclusive_);
    const u64 mask = (u64{2} << kEventBits) - 1, slots = (u64{1} << kEventBits) - 1;
    const u64 prod = read(study::kEventqProd) & mask;
    std::vector<u64> words;
    for (; cons_ != prod; cons_ = (cons_ + 1) & mask) {
      for (u64 word = 0; word < 4; ++word)
        words.push_back(tables_.read(events_ + (cons_ & slots) * kEventBytes + 8 * word));
    }
    write(study::kEventqCons, cons_);
    py::array_t<u64> array({static_cast<py::ssize_t>(words.size() / 4), py::ssize_t{4}});
    std::copy(words.begin(), words.end(), array.mutable_data());
    return array;
  }
  void clear_statistics() {
    const Exclusive::Use use(exclusive_);
    smmu_.clear_statistics();
  }
  py::dict statistics() {
    const Exclusive::Use use(exclusive_);
    const smmu::Statistics counted = smmu_.statistics();
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
    dict["cycles"] = signals_.time;
    return dict;
  }
  unsigned stream_bits() const { return streams_.strtab_base_cfg(); }
  /// Where stage 1's tables and CDs are, in a VM: IPAs that nothing else can be mapped at.
  static Ipa first_of_tables(const replay::Config& config) {
    return Ipa{(u64{3} << (config.ipa_bits - 2)) & ~(config.leaf2 - 1)};
  }

 private:
  struct Machine {
    std::unique_ptr<tables::PageTables> stage2;
    std::unique_ptr<tables::GuestMemory> guest;
  };
  struct Stream {
    std::unique_ptr<tables::PageTables> stage1;
    Machine* machine = nullptr;
  };

  void write(u64 offset, u64 value, unsigned bytes = 4) {
    smmu_.access({.offset = offset, .size = static_cast<u8>(bytes), .write = true, .value = value});
  }
  u64 read(u64 offset) { return smmu_.access({.offset = offset}).value; }
  /// Whatever the SMMU wishes to do.
  void run() {
    while (signals_.wish != kNever) {
      signals_.time = std::max(signals_.time, signals_.wish);
      signals_.wish = kNever;
      smmu_.work(signals_.time);
    }
  }
  void command(const std::array<u64, 2>& words) {
    const u64 at = commands_ + (prod_ & ((u64{1} << kCommandBits) - 1)) * kCommandBytes;
    tables_.write(at, words[0]);
    tables_.write(at + 8, words[1]);
    prod_ = (prod_ + 1) & ((u64{2} << kCommandBits) - 1);
    write(study::kCmdqProd, prod_);
    run();
  }
  DmaAnswer translate_one(u32 stream, u64 iova, bool is_write, unsigned tbu) {
    smmu::Request request;
    request.from.stream = StreamId{stream};
    request.address = Iova{iova};
    request.write = is_write;
    const u64 fetched = memory_.fetches;
    const smmu::Response response = smmu_.translate(tbu, request, signals_.time);
    signals_.time += response.cycles;
    if (signals_.wish <= signals_.time) run();
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
  tables::StreamTables streams_;
  u64 commands_, events_;
  u64 prod_ = 0, cons_ = 0;
  Memory memory_;
  Signals signals_;
  NoEndpoints endpoints_;
  smmu::Smmu smmu_;
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
