#include "sc_main/device_options.hpp"

#include <span>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "sc_main/key_values.hpp"
#include "sc_main/quantities.hpp"

namespace tw::command {

namespace {

/// One option under construction, and what its keys do.
template <class Settings>
struct Key {
  const char* name;
  void (*set)(Settings& settings, const std::string& value, const char* option);
};

[[noreturn]] void refuse(const char* option, const std::string& message) {
  throw UserError(Complaint{option, message});
}

bool on_off(const std::string& value, const char* option, const char* key) {
  if (value == "on" || value.empty()) return true;
  if (value != "off") refuse(option, fmt::format("{}='{}': on or off", key, value));
  return false;
}

virt::VirtioBus bus(const std::string& value, const char* option) {
  if (value == "mmio") return virt::VirtioBus::Mmio;
  if (value == "pci") return virt::VirtioBus::Pci;
  refuse(option, fmt::format("bus='{}': mmio or pci", value));
}

struct Drive {
  virt::DriveSettings settings;
  bool read_only = false, snapshot = true;
};
constexpr const char* kDrive = "--drive";
constexpr Key<Drive> kDriveKeys[] = {
    {"file", [](Drive& d, const std::string& v, const char*) { d.settings.file = v; }},
    {"readonly", [](Drive& d, const std::string& v, const char* o) { d.read_only = on_off(v, o, "readonly"); }},
    {"snapshot", [](Drive& d, const std::string& v, const char* o) { d.snapshot = on_off(v, o, "snapshot"); }},
    {"bus", [](Drive& d, const std::string& v, const char* o) { d.settings.bus = bus(v, o); }},
    {"format",
     [](Drive&, const std::string& v, const char* o) {
       if (v != "raw") refuse(o, fmt::format("format='{}': raw is the only one", v));
     }},
};

constexpr const char* kNetdev = "--netdev";
using Netdev = virt::NetdevSettings;
constexpr Key<Netdev> kUserKeys[] = {
    {"hostfwd",
     [](Netdev& n, const std::string& v, const char* o) { n.user.forwards.push_back(network::parse_forward(v, o)); }},
    {"restrict", [](Netdev& n, const std::string& v, const char* o) { n.user.restricted = on_off(v, o, "restrict"); }},
    {"bus", [](Netdev& n, const std::string& v, const char* o) { n.bus = bus(v, o); }},
};

constexpr const char* kDevice = "--device";
using Endpoint = virt::EndpointSettings;

/// "1f" or "1f.0".
unsigned slot(const std::string& value, const char* option) {
  const std::string digits = value.ends_with(".0") ? value.substr(0, value.size() - 2) : value;
  const bool hexadecimal = !digits.empty() && digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  const unsigned long number = hexadecimal && digits.size() <= 2 ? std::stoul(digits, nullptr, 16) : ~0ul;
  if (number == 0 || number > 0x1F) refuse(option, fmt::format("addr='{}': 01 to 1f, or with .0", value));
  return static_cast<unsigned>(number);
}

constexpr Key<Endpoint> kEduKeys[] = {
    {"dma_mask", [](Endpoint& e, const std::string& v, const char* o) { e.dma_mask = parse_number(v, o); }},
    {"addr", [](Endpoint& e, const std::string& v, const char* o) { e.slot = slot(v, o); }},
    {"ats", [](Endpoint& e, const std::string& v, const char* o) { e.ats = on_off(v, o, "ats"); }},
    {"pri", [](Endpoint& e, const std::string& v, const char* o) { e.pri = on_off(v, o, "pri"); }},
    {"pasid", [](Endpoint& e, const std::string& v, const char* o) { e.pasid = on_off(v, o, "pasid"); }},
};

constexpr const char* kSmmu = "--smmu";
constexpr Key<virt::SmmuSettings> kSmmuKeys[] = {
    {"only",
     [](virt::SmmuSettings& s, const std::string& v, const char* o) {
       if (v != "pci") refuse(o, fmt::format("only='{}': pci is the only one", v));
       s.pci_only = true;
     }},
    {"msi", [](virt::SmmuSettings& s, const std::string& v, const char* o) { s.messages = on_off(v, o, "msi"); }},
    {"model", [](virt::SmmuSettings& s, const std::string& v, const char*) { s.model = v; }},
};

template <class Settings>
void apply(Settings& settings, std::span<const Key<Settings>> keys, const std::string& part, const char* option) {
  const std::size_t sign = part.find('=');
  const std::string name = part.substr(0, sign);
  std::vector<std::string> names;
  for (const Key<Settings>& key : keys) {
    if (name == key.name) return key.set(settings, sign == std::string::npos ? "" : part.substr(sign + 1), option);
    names.emplace_back(key.name);
  }
  refuse(option, fmt::format("'{}' is unknown{} (a comma in a value is written twice)", name,
                             config::did_you_mean(name, names)));
}

}  // namespace

virt::DriveSettings parse_drive(const std::string& text) {
  Drive drive;
  std::vector<std::string> parts = split_at_commas(text);
  if (parts.front().find('=') == std::string::npos) parts.front() = "file=" + parts.front();
  for (const std::string& part : parts) apply<Drive>(drive, kDriveKeys, part, kDrive);
  if (drive.settings.file.empty()) refuse(kDrive, "'" + text + "' names no file");
  drive.settings.access = drive.read_only  ? storage::Access::ReadOnly
                          : drive.snapshot ? storage::Access::Snapshot
                                           : storage::Access::WriteThrough;
  return drive.settings;
}

virt::SmmuSettings parse_smmu(const std::string& text) {
  const std::vector<std::string> parts = split_at_commas(text);
  if (parts.front() != "none" && parts.front() != "v3") {
    refuse(kSmmu, fmt::format("'{}' is neither none nor v3", parts.front()));
  }
  virt::SmmuSettings settings;
  settings.present = parts.front() == "v3";
  if (!settings.present && parts.size() > 1) refuse(kSmmu, "none takes no keys");
  for (std::size_t i = 1; i < parts.size(); ++i) apply<virt::SmmuSettings>(settings, kSmmuKeys, parts[i], kSmmu);
  return settings;
}

virt::NetdevSettings parse_netdev(const std::string& text) {
  using Kind = Netdev::Kind;
  constexpr std::pair<const char*, Kind> kKinds[] = {{"user", Kind::User}, {"hub", Kind::Hub}, {"none", Kind::None}};
  const std::vector<std::string> parts = split_at_commas(text);
  for (const auto& [name, kind] : kKinds) {
    if (parts.front() != name) continue;
    Netdev netdev;
    netdev.kind = kind;
    const std::span<const Key<Netdev>> all(kUserKeys);
    for (std::size_t i = 1; i < parts.size(); ++i) {
      apply<Netdev>(netdev, kind == Kind::User ? all : all.last(1), parts[i], kNetdev);
    }
    return netdev;
  }
  refuse(kNetdev, fmt::format("'{}' is none of user, hub, none", parts.front()));
}

void add_device(const std::string& text, DeviceOptions& devices) {
  const std::vector<std::string> parts = split_at_commas(text);
  const std::string& name = parts.front();
  if (name == "pl330") {
    if (parts.size() > 1) refuse(kDevice, "'" + parts[1] + "': what a pl330 is like, --set device.pl330.… says");
    if (devices.pl330) refuse(kDevice, "there is one pl330");
    devices.pl330 = true;
    return;
  }
  if (name != "edu") {
    const std::vector<std::string> names{"edu", "pl330"};
    refuse(kDevice, fmt::format("'{}' is neither edu nor pl330{}", name, config::did_you_mean(name, names)));
  }
  Endpoint endpoint;
  for (std::size_t i = 1; i < parts.size(); ++i) apply<Endpoint>(endpoint, kEduKeys, parts[i], kDevice);
  if (endpoint.pri && !endpoint.ats) refuse(kDevice, "pri=on needs ats=on");
  devices.endpoints.push_back(endpoint);
}

}  // namespace tw::command
