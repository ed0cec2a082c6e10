#include "platforms/dma_study/settings.hpp"

#include <bit>

#include <fmt/format.h>

namespace tw::study {

void add_all(config::ParameterTable& table, Settings& settings) {
  table.add(kParameters, settings.study);
  table.add(devices::traffic::kParameters, settings.traffic);
  table.add(devices::traffic::kLinkParameters, settings.link);
  table.add(smmu::kParameters, settings.smmu);
  table.add(interconnect::kParameters, settings.interconnect);
  table.add(memory::kParameters, settings.memory);
  table.add(memory::kDramParameters, settings.dram);
}

void require_valid(const config::ParameterTable& table, const Settings& settings) {
  std::vector<Complaint> complaints = table.complaints();
  const auto append = [&](std::vector<Complaint> more) {
    for (Complaint& complaint : more) complaints.push_back(std::move(complaint));
  };
  append(validate(settings.study));
  append(devices::traffic::validate(settings.traffic));
  append(devices::traffic::validate(settings.link));
  append(smmu::validate(settings.smmu));
  append(memory::validate(settings.dram));
  const u64 streams = settings.traffic.stream_first + settings.study.masters * settings.traffic.streams;
  if (streams > u64{1} << settings.smmu.sid_bits) {
    complaints.push_back({"traffic.stream_first", fmt::format("smmu.sid_bits={} does not reach stream {:#x}",
                                                              settings.smmu.sid_bits, streams - 1)});
  }
  if (static_cast<u64>(std::bit_width(settings.traffic.substreams)) > settings.smmu.ssid_bits) {
    complaints.push_back({"traffic.substreams", "more than smmu.ssid_bits allows"});
  }
  const std::string& translation = settings.study.translation;
  if (settings.traffic.substreams != 0 && (translation == "bypass" || translation == "stage2")) {
    complaints.push_back({"traffic.substreams", "a stream without stage 1 takes none (C_BAD_SUBSTREAMID)"});
  }
  if (settings.study.ipa_bits > settings.smmu.pa_bits) {
    complaints.push_back({"study.ipa_bits", fmt::format("more than smmu.pa_bits={}", settings.smmu.pa_bits)});
  }
  if (settings.study.command_queue_bits > settings.smmu.command_queue_bits) {
    complaints.push_back({"study.command_queue", "more than smmu.command_queue.bits"});
  }
  if (settings.study.work == "io" && (settings.traffic.streams != 1 || settings.traffic.substreams != 0)) {
    complaints.push_back({"traffic.streams", "with study.work=io: one stream a master, no substreams"});
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
}

}  // namespace tw::study
