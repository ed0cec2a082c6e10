// The parameters of all blocks in one table: each block's rows joined with the Config object that they describe.
// Values come from TOML (built-in sets, files) and from --set, later ones win. What is wrong is collected; one
// require_valid() shows all of it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"
#include "platforms/config/parameter.hpp"

namespace tw::config {

/// A parameter set that is part of the program.
struct Builtin {
  std::string_view name;  ///< "cortex-a57"
  std::string_view file;  ///< "platforms/cortex-a57.toml"
  std::string_view text;
};
std::span<const Builtin> builtins();
std::span<const Builtin> smmu_builtins();

class ParameterTable final {
 public:
  /// Joins `rows` with `object`, which must outlive the table; the object's present values are the defaults. `prefix`
  /// is put before every key ("cpu1." makes "cpu1.core.model").
  template <class Config>
  void add(std::span<const ParameterRow<std::type_identity_t<Config>>> rows, Config& object,
           std::string_view prefix = {}) {
    for (const ParameterRow<Config>& row : rows) {
      Entry entry;
      Parameter& parameter = entry.parameter;
      parameter.key = std::string(prefix) + std::string(row.key);
      parameter.default_value = std::visit([&](auto member) { return Value(std::invoke(member, object)); }, row.member);
      parameter.value = parameter.default_value;
      parameter.unit = row.unit;
      parameter.min = row.min;
      parameter.max = row.max;
      parameter.choices = row.choices;
      parameter.provenance = row.provenance;
      parameter.source = row.source;
      entry.store = [&object, member = row.member](const Value& value) {
        std::visit(
            [&](auto m) {
              auto& place = std::invoke(m, object);
              place = std::get<std::remove_reference_t<decltype(place)>>(value);
            },
            member);
      };
      insert(std::move(entry));
    }
  }

  /// A TOML file of the user, who named it by `option`.
  void load_file(const std::filesystem::path& path, std::string_view option = {});
  /// One of the sets in platforms/*.toml, which are part of the program: "cortex-a57".
  void load_builtin(std::string_view name);
  /// One of those in platforms/smmu/*.toml: "mmu-600-like".
  void load_smmu_builtin(std::string_view name);
  /// TOML text; `name` stands for the file in complaints.
  void load_text(std::string_view toml, const std::string& name);
  /// "key=value", of the option --set.
  void set(std::string_view assignment);

  const std::vector<Complaint>& complaints() const { return complaints_; }
  /// The same, and forgets them: what they are about was not stored, so the table is as valid as before.
  std::vector<Complaint> take_complaints() { return std::exchange(complaints_, {}); }
  /// Throws a UserError with all complaints, if there are any.
  void require_valid() const;

  /// In the order of add(): block by block, row by row.
  std::vector<Parameter> parameters() const;
  const Parameter* find(std::string_view key) const;
  std::vector<std::string> keys() const;

 private:
  friend class TomlReader;
  struct Entry {
    Parameter parameter;
    std::function<void(const Value&)> store;
  };
  struct Setting {
    Value value;
    std::string where;   ///< of complaints: "file:line:column"
    std::string set_by;  ///< in reports: "file:line"
    Provenance provenance = Provenance::Choice;
    std::string source;
  };
  void load_one_of(std::span<const Builtin> sets, std::string_view name);
  void insert(Entry entry);
  void complain(std::string where, std::string message);
  void complain_unknown(const std::string& where, std::string_view key);
  /// Checks type and range, and stores.
  void assign(Entry& entry, const Setting& setting);
  Entry* entry(std::string_view key);

  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<Complaint> complaints_;
};

}  // namespace tw::config
