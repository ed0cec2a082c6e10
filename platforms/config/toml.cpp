// TOML into the parameter table. The only translation unit that sees toml++.
#include <stdexcept>

namespace tw::config {
/// toml++ 3.3 asserts that a malformed key does not occur, and with NDEBUG assumes it. A user's file must end in a
/// complaint, not in abort().
struct TomlAssertion final : std::logic_error {
  using std::logic_error::logic_error;
};
[[noreturn]] static void toml_assertion(const char* condition) { throw TomlAssertion(condition); }
}  // namespace tw::config

#undef NDEBUG
#define TOML_EXCEPTIONS 1
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : ::tw::config::toml_assertion(#condition))
#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>
#include <fstream>
#include <sstream>

#include "platforms/config/nearest.hpp"
#include "platforms/config/parameter_table.hpp"

namespace tw::config {

/// Walks one document: a node at the path of a parameter is its value, tables in between are walked through.
class TomlReader final {
 public:
  TomlReader(ParameterTable& table, const std::string& name) : table_(table), name_(name) {}

  void read(std::string_view text) {
    try {
      const toml::table document = toml::parse(text, std::string_view(name_));
      walk(document, "");
    } catch (const toml::parse_error& error) {
      table_.complain(where(error.source()), fmt::format("malformed TOML: {}", error.description()));
    } catch (const TomlAssertion&) {
      table_.complain(name_, "malformed TOML: a key is missing or has an invalid character");
    }
  }

 private:
  std::string where(const toml::source_region& region) const {
    return fmt::format("{}:{}:{}", name_, region.begin.line, region.begin.column);
  }

  void walk(const toml::table& table, const std::string& path) {
    for (const auto& [name, node] : table) {
      const std::string key = path.empty() ? std::string(name.str()) : path + "." + std::string(name.str());
      ParameterTable::Entry* const entry = table_.entry(key);
      const toml::table* const inner = node.as_table();
      if (entry) {
        value(*entry, name, node);
      } else if (inner && !inner->contains("value")) {
        walk(*inner, key);
      } else {
        table_.complain_unknown(where(name.source()), key);
      }
    }
  }

  /// Plain (`load = 4`), or a table with its source (`load = { value = 4, provenance = "trm", source = "…" }`).
  void value(ParameterTable::Entry& entry, const toml::key& name, const toml::node& node) {
    ParameterTable::Setting setting;
    setting.set_by = fmt::format("{}:{}", name_, name.source().begin.line);
    const toml::node* value_node = &node;
    if (const toml::table* table = node.as_table()) {
      if (!describe(entry.parameter.key, *table, setting)) return;
      value_node = table->get("value");
      if (!value_node) {
        return table_.complain(where(name.source()),
                               fmt::format("{}: the table has no \"value\"", entry.parameter.key));
      }
    }
    setting.where = where(value_node->source());
    if (const auto* number = value_node->as_integer()) {
      if (number->get() < 0) {
        return table_.complain(setting.where, fmt::format("{}: {} is out of range, allowed is {}", entry.parameter.key,
                                                          number->get(), range(entry.parameter)));
      }
      setting.value = static_cast<u64>(number->get());
    } else if (const auto* flag = value_node->as_boolean()) {
      setting.value = flag->get();
    } else if (const auto* string = value_node->as_string()) {
      setting.value = string->get();
    } else {
      std::ostringstream type;
      type << value_node->type();
      return table_.complain(setting.where,
                             fmt::format("{}: a number, true, false or a string is needed, not a value of type {}",
                                         entry.parameter.key, type.str()));
    }
    table_.assign(entry, setting);
  }

  /// The members next to "value".
  bool describe(const std::string& key, const toml::table& table, ParameterTable::Setting& setting) {
    static const std::array<std::string, 3> kMembers = {"value", "provenance", "source"};
    bool ok = true;
    for (const auto& [name, node] : table) {
      if (name == "value") continue;
      const auto* string = node.as_string();
      if (name == "source" && string) {
        setting.source = string->get();
      } else if (name == "provenance" && string) {
        if (parse(string->get(), setting.provenance)) continue;
        table_.complain(
            where(node.source()),
            fmt::format("{}: provenance \"{}\" is not one of architecture, measured, trm, paper, choice, placeholder",
                        key, string->get()));
        ok = false;
      } else if (name == "source" || name == "provenance") {
        table_.complain(where(node.source()), fmt::format("{}: {} must be a string", key, name.str()));
        ok = false;
      } else {
        table_.complain(where(name.source()), fmt::format("unknown parameter \"{}.{}\"{}", key, name.str(),
                                                          did_you_mean(name.str(), kMembers)));
        ok = false;
      }
    }
    return ok;
  }

  ParameterTable& table_;
  const std::string& name_;
};

void ParameterTable::load_text(std::string_view toml, const std::string& name) { TomlReader(*this, name).read(toml); }

void ParameterTable::load_file(const std::filesystem::path& path, std::string_view option) {
  const std::string where = option.empty() ? path.string() : fmt::format("{} {}", option, path.string());
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return complain(where, "no such file");
  if (std::filesystem::is_directory(path, error)) return complain(where, "is a folder, not a TOML file");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return complain(where, "cannot be read");
  load_text(text.str(), path.string());
}

}  // namespace tw::config
