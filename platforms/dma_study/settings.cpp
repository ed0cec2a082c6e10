#include "platforms/dma_study/settings.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <variant>

#include <fmt/format.h>

namespace tw::study {

namespace {

std::string prefix_of(unsigned master) { return fmt::format("master{}.", master); }

/// Complaints of one configuration, about the keys as the user would set them.
std::vector<Complaint> prefixed(std::vector<Complaint> complaints, const std::string& prefix) {
  for (Complaint& complaint : complaints) complaint.where = prefix + complaint.where;
  return complaints;
}

}  // namespace

void add_all(config::ParameterTable& table, Settings& settings) {
  table.add(kParameters, settings.study);
  table.add(devices::traffic::kParameters, settings.traffic);
  for (unsigned n = 0; n < kMostMasters; ++n) {
    table.add(devices::traffic::kParameters, settings.masters[n], prefix_of(n));
  }
  table.add(devices::traffic::kLinkParameters, settings.link);
  table.add(smmu::kParameters, settings.smmu);
  table.add(interconnect::kParameters, settings.interconnect);
  table.add(memory::kParameters, settings.memory);
  table.add(memory::kDramParameters, settings.dram);
}

namespace {

/// What is wrong with one master, and with what is before it.
std::vector<Complaint> complaints_of_master(const Settings& settings, unsigned number) {
  const devices::traffic::Config& master = settings.masters[number];
  std::vector<Complaint> complaints = devices::traffic::validate(master);
  const auto complain = [&](const char* key, std::string message) { complaints.push_back({key, std::move(message)}); };
  const u64 end = master.stream_first + master.streams;
  if (end > u64{1} << settings.smmu.sid_bits) {
    complain("traffic.stream_first",
             fmt::format("smmu.sid_bits={} does not reach stream {:#x}", settings.smmu.sid_bits, end - 1));
  }
  for (unsigned n = 0; n < number; ++n) {
    const devices::traffic::Config& other = settings.masters[n];
    if (master.stream_first < other.stream_first + other.streams && other.stream_first < end) {
      complain("traffic.stream_first", fmt::format("its streams are also those of master {}", n));
    }
  }
  if (static_cast<u64>(std::bit_width(master.substreams)) > settings.smmu.ssid_bits) {
    complain("traffic.substreams", "more than smmu.ssid_bits allows");
  }
  const std::string& translation = settings.study.translation;
  if (master.substreams != 0 && (translation == "bypass" || translation == "stage2")) {
    complain("traffic.substreams", "a stream without stage 1 takes none (C_BAD_SUBSTREAMID)");
  }
  if (settings.study.faults == "stall" && !master.may_stall) {
    complain("traffic.may_stall", "with study.faults=stall masters must be able to wait");
  }
  if (settings.study.work == "io" && (master.streams != 1 || master.substreams != 0)) {
    complain("traffic.streams", "with study.work=io: one stream a master, no substreams");
  }
  return complaints;
}

}  // namespace

void inherit(const config::ParameterTable& table, Settings& settings) {
  u64 stream = settings.traffic.stream_first;
  for (unsigned n = 0; n < kMostMasters; ++n) {
    devices::traffic::Config& master = settings.masters[n];
    const auto is_set = [&](std::string_view key) {
      return !table.find(prefix_of(n) + std::string(key))->is_default();
    };
    for (const auto& row : devices::traffic::kParameters) {
      if (is_set(row.key)) continue;
      std::visit([&](auto member) { std::invoke(member, master) = std::invoke(member, settings.traffic); }, row.member);
    }
    if (!is_set("traffic.seed")) master.seed += n;
    if (!is_set("traffic.stream_first")) master.stream_first = stream;
    stream = master.stream_first + master.streams;
  }
}

bool ends(const Settings& settings) {
  return std::any_of(settings.masters.begin(), settings.masters.begin() + static_cast<long>(settings.study.masters),
                     [](const devices::traffic::Config& master) { return master.requests != 0; });
}

std::vector<config::Parameter> parameters_of(const config::ParameterTable& table) {
  std::vector<config::Parameter> parameters = table.parameters();
  std::erase_if(parameters, [](const config::Parameter& parameter) {
    return parameter.key.starts_with("master") && parameter.is_default();
  });
  return parameters;
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
  if (complaints.empty()) {
    for (unsigned n = 0; n < settings.study.masters; ++n)
      append(prefixed(complaints_of_master(settings, n), prefix_of(n)));
  }
  if (settings.study.faults == "stall" && settings.smmu.stall == "terminate") {
    complaints.push_back({"smmu.stall", "terminate: it never stalls; study.faults=stall needs both or stall"});
  }
  if (settings.study.ipa_bits > settings.smmu.pa_bits) {
    complaints.push_back({"study.ipa_bits", fmt::format("more than smmu.pa_bits={}", settings.smmu.pa_bits)});
  }
  if (settings.study.command_queue_bits > settings.smmu.command_queue_bits) {
    complaints.push_back({"study.command_queue", "more than smmu.command_queue.bits"});
  }
  const bool commands = settings.study.translation != "none";
  if (commands && settings.study.sync == "message" && !settings.smmu.msi) {
    complaints.push_back({"study.sync", "message needs smmu.msi; there is register too"});
  }
  if (commands && settings.study.command == "range" && !settings.smmu.range_invalidation) {
    complaints.push_back({"study.command", "range needs smmu.range_invalidation"});
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
}

}  // namespace tw::study
