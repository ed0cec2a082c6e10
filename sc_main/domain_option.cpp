#include "sc_main/domain_option.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "sc_main/key_values.hpp"
#include "sc_main/quantities.hpp"

namespace tw::command {

namespace {

[[noreturn]] void refuse(const std::string& message) { throw UserError(Complaint{"--domain", message}); }

unsigned parse_cpus(const std::string& value) {
  unsigned cpus = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), cpus);
  if (error != std::errc{} || end != value.data() + value.size() || cpus < 1 || cpus > 8) {
    refuse("cpus='" + value + "': 1 to 8");
  }
  return cpus;
}

/// Becomes the name of a node of the device tree (Devicetree Specification, 2.2.1).
std::string parse_name(const std::string& value) {
  const bool good = !value.empty() && value.size() <= 31 && std::isalpha(static_cast<unsigned char>(value[0])) != 0 &&
                    std::all_of(value.begin(), value.end(),
                                [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
  if (!good) refuse("name='" + value + "': a letter, then letters, digits, - and _, at most 31");
  return value;
}

struct Key {
  const char* name;
  void (*set)(DomainOption& domain, const std::string& value);
};
constexpr Key kKeys[] = {
    {"name", [](DomainOption& d, const std::string& v) { d.name = parse_name(v); }},
    {"kernel", [](DomainOption& d, const std::string& v) { d.kernel = v; }},
    {"initrd", [](DomainOption& d, const std::string& v) { d.initrd = v; }},
    {"append", [](DomainOption& d, const std::string& v) { d.append = v; }},
    {"memory", [](DomainOption& d, const std::string& v) { d.memory = parse_size(v, "--domain memory"); }},
    {"cpus", [](DomainOption& d, const std::string& v) { d.cpus = parse_cpus(v); }},
};
constexpr const char* kVpl011 = "vpl011";

[[noreturn]] void refuse_key(const std::string& key) {
  std::vector<std::string> names{kVpl011};
  for (const Key& known : kKeys) names.emplace_back(known.name);
  refuse(fmt::format("'{}' is unknown{} (a comma in a value is written twice)", key, config::did_you_mean(key, names)));
}

}  // namespace

DomainOption parse_domain(const std::string& text, unsigned number) {
  DomainOption domain;
  domain.name = fmt::format("domU{}", number);
  for (const std::string& part : split_at_commas(text)) {
    const std::size_t sign = part.find('=');
    const std::string key = part.substr(0, sign);
    if (key == kVpl011 && sign == std::string::npos) {
      domain.vpl011 = true;
      continue;
    }
    const auto known = std::find_if(std::begin(kKeys), std::end(kKeys), [&](const Key& k) { return key == k.name; });
    if (known == std::end(kKeys) || sign == std::string::npos) refuse_key(key);
    known->set(domain, part.substr(sign + 1));
  }
  if (domain.kernel.empty()) refuse("'" + domain.name + "' has no kernel=FILE");
  return domain;
}

}  // namespace tw::command
