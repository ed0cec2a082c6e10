#include "platforms/record/recording.hpp"

#include <fmt/format.h>

namespace tw::record {
namespace {

std::filesystem::path with_part(const std::filesystem::path& file, const std::string& part) {
  std::filesystem::path result = file;
  return result.replace_filename(file.stem().string() + "." + part + file.extension().string());
}

trace::Header header_of(const trace::Provenance& provenance, const std::string& master) {
  trace::Header header{.contents = {}, .provenance = provenance};
  header.provenance.emplace_back("master", master);
  return header;
}

}  // namespace

Recording::Recording(const std::filesystem::path& file, const Selection& selection, const trace::Provenance& provenance,
                     virt::Platform& platform)
    : platform_(platform), tables_(static_cast<unsigned>(platform.complexes().size())) {
  const std::size_t cores = platform.complexes().size();
  for (std::size_t n = 0; n < cores; ++n) {
    const std::string name = fmt::format("cpu{}", n);
    Sink& sink =
        sinks_.emplace_back(cores == 1 ? file : with_part(file, name), header_of(provenance, name), selection.records);
    virt::CoreComplex& complex = *platform.complexes()[n];
    complex.observe(cores_.emplace_back(complex.core(), tables_, sink, selection));
  }
  if (platform.smmu() == nullptr) return;
  Sink& sink = sinks_.emplace_back(with_part(file, "dma"), header_of(provenance, "behind the SMMU"), selection.records);
  dma_ = std::make_unique<DmaRecorder>(*platform.smmu(), sink, selection);
}

Recording::~Recording() = default;

/// No structure holds what was walked before (Mmu::set_timed), and a table that has been freed since is none.
void Recording::set_timed(cpu::Cpu&, bool) { tables_.clear(); }

void Recording::measure_begins(cpu::Cpu& cpu, u64) {
  CoreRecorder& recorder = cores_[cpu.index];
  if (sinks_[cpu.index].full()) return;
  recorder.begin();
  cpu.observe(&recorder);
}

void Recording::measure_ends(cpu::Cpu& cpu, u64) {
  cpu.observe(nullptr);
  cores_[cpu.index].end();
}

void Recording::after_slice(cpu::Cpu& cpu) {
  if (cpu.observer == nullptr || !sinks_[cpu.index].full()) return;
  cpu.observe(nullptr);
  cores_[cpu.index].end();
}

void Recording::interval_begins(u64) {
  if (dma_) platform_.smmu()->observe(dma_.get());
}

void Recording::interval_ends(u64) {
  if (dma_) platform_.smmu()->observe(nullptr);
}

void Recording::finish() {
  for (Sink& sink : sinks_) sink.finish();
}

}  // namespace tw::record
