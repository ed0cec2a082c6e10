#include "sc_main/region_options.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "platforms/images/elf.hpp"
#include "platforms/images/images.hpp"
#include "sc_main/key_values.hpp"
#include "sc_main/options.hpp"
#include "sc_main/quantities.hpp"

namespace tw::command {

namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& message) {
  throw UserError(Complaint{option, message});
}

bool is_elf_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  images::Bytes magic(4);
  file.read(reinterpret_cast<char*>(magic.data()), static_cast<std::streamsize>(magic.size()));
  return file && images::is_elf(magic);
}

void look_up(std::optional<region::Mark>& mark, const RunOptions& options, const std::string& option) {
  if (!mark || mark->kind != region::MarkKind::Symbol) return;
  mark->number = symbols_of(options, option).address(mark->text, option);
  mark->kind = region::MarkKind::Pc;
  if (mark->number % 4 != 0)
    refuse(option, fmt::format("symbol '{}' is at {:#x}, not at an instruction", mark->text, mark->number));
}

}  // namespace

images::Symbols symbols_of(const RunOptions& options, const std::string& option) {
  images::Symbols symbols;
  std::vector<std::string> files = options.symbols;
  if (files.empty()) {
    for (const std::string& image : {options.kernel, options.hypervisor, options.bios}) {
      if (!image.empty() && is_elf_file(image)) files.push_back(image);
    }
  }
  if (files.empty()) {
    refuse(option, "a symbol is looked up in an ELF, and none is given: --symbols FILE (an ELF or a System.map)");
  }
  const std::string named = options.symbols.empty() ? option : "--symbols";
  for (const std::string& file : files) of_option(named, [&] { symbols.add_file(file); });
  return symbols;
}

region::Sampling parse_sampling(const std::string& text) {
  const std::string option = "--sample";
  region::Sampling sampling;
  const struct {
    std::string name;
    u64& value;
  } keys[] = {{"period", sampling.period}, {"warm", sampling.warm}, {"measure", sampling.measure}};
  for (const std::string& part : split_at_commas(text)) {
    const std::size_t colon = part.find(':');
    const std::string name = part.substr(0, colon);
    const auto key = std::find_if(std::begin(keys), std::end(keys), [&](const auto& k) { return k.name == name; });
    if (key == std::end(keys)) {
      const std::vector<std::string> names{"period", "warm", "measure"};
      refuse(option, fmt::format("no '{}' in period:N,warm:M,measure:K{}", name, config::did_you_mean(name, names)));
    }
    if (colon == std::string::npos) refuse(option, fmt::format("'{}' wants a number, as in {}:100000", name, name));
    key->value = parse_number(part.substr(colon + 1), option);
  }
  if (sampling.measure == 0) refuse(option, "measure:K is missing: how many instructions a sample has");
  if (sampling.period == 0) refuse(option, "period:N is missing: instructions from one sample to the next");
  if (sampling.warm > sampling.period || sampling.measure > sampling.period - sampling.warm) {
    refuse(option, fmt::format("warm:{} and measure:{} do not fit into period:{}", sampling.warm, sampling.measure,
                               sampling.period));
  }
  return sampling;
}

void check_region(const region::Options& o) {
  if (o.from && o.timed) refuse("--timed-from", "the run is timed from its start (--fidelity timed)");
  if (o.plain() && o.until)
    refuse("--timed-until", "needs a region to end: --timed-from, --fidelity timed or --sample");
  if (o.plain() && o.warm_up != 0) refuse("--warm-up", "needs a region: --timed-from or --fidelity timed");
  if (o.sampling && o.warm_up != 0) refuse("--warm-up", "samples have their own: --sample period:N,warm:M,measure:K");
  if (o.repeat && (!o.from || !o.until)) refuse("--timed-repeat", "needs --timed-from and --timed-until");
}

region::Options region_of(const RunOptions& options) {
  region::Options region = options.region;
  look_up(region.from, options, "--timed-from");
  look_up(region.until, options, "--timed-until");
  return region;
}

std::vector<std::string> texts_of(const region::Options& options) {
  std::vector<std::string> texts;
  for (const std::optional<region::Mark>& mark : {options.from, options.until}) {
    if (!mark || mark->kind != region::MarkKind::Text) continue;
    if (std::find(texts.begin(), texts.end(), mark->text) == texts.end()) texts.push_back(mark->text);
  }
  return texts;
}

}  // namespace tw::command
