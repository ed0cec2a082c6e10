#include "platforms/report/json.hpp"

#include <fmt/format.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <type_traits>

#include "base/error.hpp"
#include "platforms/report/event_fields.hpp"

namespace tw::report {
namespace {

using Json = nlohmann::ordered_json;

// ---- writing --------------------------------------------------------------------------------------------------------

struct Writer {
  Json& json;
  template <class T>
  void operator()(const char* name, const T& member);
  void derived(const char* name, u64 value) { json[name] = value; }
  template <class T>
  void unless_empty(const char* name, const std::vector<T>& members) {
    if (!members.empty()) (*this)(name, members);
  }
};

/// In one class, so that every overload sees every other.
struct Writing final {
  template <class T>
  static Json write(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(write(value));
    return array;
  }
  static Json write(const cost::ByCause& cycles) {
    Json object = Json::object();
    for (unsigned i = 0; i < cost::kCauseCount; ++i) {
      if (cycles[i] != 0) object[std::string(cost::kCauses[i].name)] = cycles[i];
    }
    return object;
  }
  static Json write(const std::array<u64, cost::kServedByCount>& served) {
    Json object = Json::object();
    for (unsigned i = 0; i < served.size(); ++i) {
      if (served[i] != 0) object[std::string(cost::name(static_cast<cost::ServedBy>(i)))] = served[i];
    }
    return object;
  }
  static Json write(const Counts& counts) {
    Json object = Json::object();
    for (const Counts::Row& row : counts.rows) object[row.name] = row.value;
    return object;
  }
  static Json write(const NamedColumns& columns) {
    Json object = Json::object();
    for (const auto& [name, column] : columns.columns) object[name] = column;
    return object;
  }
  static Json write(const cost::Histogram& h) {
    Json object = Json::object();
    object["count"] = h.count();
    object["sum"] = h.sum();
    object["min"] = h.min();
    object["max"] = h.max();
    object["p50"] = h.quantile(0.5);
    object["p99"] = h.quantile(0.99);
    Json buckets = Json::array();
    for (const auto& [lower, times] : h.buckets()) buckets.push_back(Json::array({lower, times}));
    object["buckets"] = std::move(buckets);
    return object;
  }
  static Json write(const config::Value& value) {
    return std::visit([](const auto& v) { return Json(v); }, value);
  }
  static Json write(const std::string& text) { return text; }
  static Json write(cost::ServedBy v) { return std::string(cost::name(v)); }
  static Json write(cost::WalkRegime v) { return std::string(cost::name(v)); }
  static Json write(cost::WalkFor v) { return std::string(cost::name(v)); }
  static Json write(Provenance v) { return std::string(config::name(v)); }
  static Json write(El el) { return index(el); }
  static Json write(Vmid vmid) { return vmid.value; }

  template <class T>
  static Json write(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      return value;
    } else {
      Json object = Json::object();
      Writer writer{object};
      fields(writer, const_cast<T&>(value));  // one description for both directions; the writer does not change it
      return object;
    }
  }
};

template <class T>
void Writer::operator()(const char* name, const T& member) {
  json[name] = Writing::write(member);
}

// ---- reading --------------------------------------------------------------------------------------------------------

/// Throws with the path of the member that is wrong.
[[noreturn]] void wrong(const std::string& path, std::string_view what) {
  throw UserError(Complaint{"", fmt::format("{}: {}", path.empty() ? "report" : path, what)});
}

struct Reader {
  const Json& json;
  const std::string& path;
  template <class T>
  void operator()(const char* name, T& member);
  void derived(const char*, u64) {}
  template <class T>
  void unless_empty(const char* name, std::vector<T>& members) {
    if (json.is_object() && json.contains(name)) (*this)(name, members);
  }
};

struct Reading final {
  static u64 read_number(const Json& json, const std::string& path) {
    if (!json.is_number_unsigned()) wrong(path, "a whole number is needed");
    return json.get<u64>();
  }

  template <class T>
  static void read(const Json& json, const std::string& path, std::vector<T>& values) {
    if (!json.is_array()) wrong(path, "an array is needed");
    values.resize(json.size());
    for (std::size_t i = 0; i < values.size(); ++i) read(json[i], fmt::format("{}[{}]", path, i), values[i]);
  }
  static void read(const Json& json, const std::string& path, Column& numbers) {
    if (!json.is_array()) wrong(path, "an array is needed");
    numbers.reserve(json.size());
    for (const Json& number : json) numbers.push_back(read_number(number, path));
  }
  static void read(const Json& json, const std::string& path, NamedColumns& columns) {
    if (!json.is_object()) wrong(path, "an object is needed");
    for (const auto& [name, column] : json.items()) {
      read(column, path + "." + name, columns.columns.emplace_back(name, Column()).second);
    }
  }
  static void read(const Json& json, const std::string& path, std::string& text) {
    if (!json.is_string()) wrong(path, "a string is needed");
    text = json.get<std::string>();
  }
  static void read(const Json& json, const std::string& path, bool& flag) {
    if (!json.is_boolean()) wrong(path, "true or false is needed");
    flag = json.get<bool>();
  }
  static void read(const Json& json, const std::string& path, i64& number) {
    if (!json.is_number_integer()) wrong(path, "a whole number is needed");
    number = json.get<i64>();
  }
  static void read(const Json& json, const std::string& path, double& number) {
    if (!json.is_number()) wrong(path, "a number is needed");
    number = json.get<double>();
  }
  /// An enumeration of `count` values by its name.
  template <class Enum, class Name>
  static void read_name(const Json& json, const std::string& path, Enum& value, unsigned count, Name name_of) {
    std::string text;
    read(json, path, text);
    for (unsigned i = 0; i < count; ++i) {
      if (name_of(static_cast<Enum>(i)) == text) {
        value = static_cast<Enum>(i);
        return;
      }
    }
    wrong(path, fmt::format("\"{}\" is not known", text));
  }
  static void read(const Json& json, const std::string& path, cost::ServedBy& v) {
    read_name(json, path, v, cost::kServedByCount, [](cost::ServedBy e) { return cost::name(e); });
  }
  static void read(const Json& json, const std::string& path, cost::WalkRegime& v) {
    read_name(json, path, v, static_cast<unsigned>(cost::WalkRegime::Smmu) + 1,
              [](cost::WalkRegime e) { return cost::name(e); });
  }
  static void read(const Json& json, const std::string& path, cost::WalkFor& v) {
    read_name(json, path, v, static_cast<unsigned>(cost::WalkFor::Prefetch) + 1,
              [](cost::WalkFor e) { return cost::name(e); });
  }
  static void read(const Json& json, const std::string& path, Provenance& v) {
    std::string text;
    read(json, path, text);
    if (!config::parse(text, v)) wrong(path, fmt::format("\"{}\" is not a provenance", text));
  }
  static void read(const Json& json, const std::string& path, El& el) {
    const u64 number = read_number(json, path);
    if (number > 3) wrong(path, "an exception level is 0 to 3");
    el = static_cast<El>(number);
  }
  static void read(const Json& json, const std::string& path, Vmid& vmid) {
    const u64 number = read_number(json, path);
    if (number > 0xFFFF) wrong(path, "a VMID is 0 to 65535");
    vmid = Vmid{static_cast<u16>(number)};
  }
  static void read(const Json& json, const std::string& path, config::Value& value) {
    if (json.is_boolean()) {
      value = json.get<bool>();
    } else if (json.is_string()) {
      value = json.get<std::string>();
    } else {
      value = read_number(json, path);
    }
  }
  template <std::size_t N, class Name>
  static void read_by_name(const Json& json, const std::string& path, std::array<u64, N>& values, Name name_of) {
    if (!json.is_object()) wrong(path, "an object is needed");
    for (const auto& [key, number] : json.items()) {
      unsigned i = 0;
      while (i < N && name_of(i) != key) ++i;
      if (i == N) wrong(path, fmt::format("\"{}\" is not known", key));
      values[i] = read_number(number, path + "." + key);
    }
  }
  static void read(const Json& json, const std::string& path, cost::ByCause& cycles) {
    read_by_name(json, path, cycles, [](unsigned i) { return cost::kCauses[i].name; });
  }
  static void read(const Json& json, const std::string& path, std::array<u64, cost::kServedByCount>& served) {
    read_by_name(json, path, served, [](unsigned i) { return cost::name(static_cast<cost::ServedBy>(i)); });
  }
  static void read(const Json& json, const std::string& path, Counts& counts) {
    if (!json.is_object()) wrong(path, "an object is needed");
    for (const auto& [name, number] : json.items()) {
      counts.rows.push_back({name, read_number(number, path + "." + name)});
    }
  }
  static const Json& member_of(const Json& json, const std::string& path, const char* name) {
    if (!json.is_object()) wrong(path, "an object is needed");
    const auto found = json.find(name);
    if (found == json.end()) wrong(path, fmt::format("\"{}\" is missing", name));
    return *found;
  }
  static void read(const Json& json, const std::string& path, cost::Histogram& histogram) {
    std::map<u64, u64> buckets;
    const Json& list = member_of(json, path, "buckets");
    if (!list.is_array()) wrong(path + ".buckets", "an array is needed");
    for (const Json& pair : list) {
      if (!pair.is_array() || pair.size() != 2) wrong(path + ".buckets", "pairs of bound and count are needed");
      buckets[read_number(pair[0], path + ".buckets")] = read_number(pair[1], path + ".buckets");
    }
    const auto number = [&](const char* name) { return read_number(member_of(json, path, name), path + "." + name); };
    histogram = cost::Histogram::restored(buckets, number("sum"), number("min"), number("max"));
  }

  template <class T>
  static void read(const Json& json, const std::string& path, T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      const u64 number = read_number(json, path);
      if (number > std::numeric_limits<T>::max()) wrong(path, "the number is too large");
      value = static_cast<T>(number);
    } else {
      if (!json.is_object()) wrong(path, "an object is needed");
      Reader reader{json, path};
      fields(reader, value);
    }
  }
};

template <class T>
void Reader::operator()(const char* name, T& member) {
  Reading::read(Reading::member_of(json, path, name), path.empty() ? std::string(name) : path + "." + name, member);
}

/// What a guest or a file name put into a string may not be UTF-8; it must not make the writer throw.
std::string dump(const Json& json, int indent = 1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + (indent < 0 ? "" : "\n");
}

/// A line of its own: text in a string has no line ends.
constexpr std::string_view kEventsMember = ",\n \"events\": ";

/// Deeper than any report. Whoever writes JSON out again needs stack for its depth.
constexpr unsigned kDeepest = 100;

bool is_deeper_than(std::string_view json, unsigned most) {
  unsigned depth = 0;
  bool in_text = false;
  for (std::size_t n = 0; n < json.size(); ++n) {
    const char c = json[n];
    if (in_text && c == '\\') {
      ++n;
    } else if (c == '"') {
      in_text = !in_text;
    } else if (!in_text && (c == '[' || c == '{')) {
      if (++depth > most) return true;
    } else if (!in_text && (c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::string line_and_column(std::string_view text, std::size_t byte) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i + 1 < byte && i < text.size(); ++i) {
    ++column;
    if (text[i] == '\n') {
      ++line;
      column = 1;
    }
  }
  return fmt::format("{}:{}", line, column);
}

}  // namespace

std::string to_json(const Report& report) {
  Json json = Json::object();
  json["schema"] = std::string(kSchema);
  Writer writer{json};
  fields(writer, const_cast<Report&>(report));
  if (report.events.empty()) return dump(json);
  // Columns of ten thousands of numbers: in one line, else most of the file were line ends.
  const std::string events = dump(json.at("events"), -1);
  json.erase("events");
  return with_events(dump(json), events);
}

std::string with_events(std::string report, std::string_view events) {
  if (events.empty()) return report;
  return report.replace(report.rfind("\n}"), std::string::npos, fmt::format("{}{}\n}}\n", kEventsMember, events));
}

std::pair<std::string, std::string> split_events(std::string_view report) {
  const std::size_t begin = report.rfind(kEventsMember);
  if (begin == report.npos) return {std::string(report), ""};
  const std::size_t events = begin + kEventsMember.size();
  return {std::string(report.substr(0, begin)) + "\n}\n",
          std::string(report.substr(events, report.rfind("\n}") - events))};
}

std::string to_json(const std::vector<config::Parameter>& parameters) { return dump(Writing::write(parameters)); }

Report from_json(std::string_view text, const std::string& name) {
  if (is_deeper_than(text, kDeepest)) throw UserError(Complaint{name, "is no report: JSON that is nested too deeply"});
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const bool cut = error.byte >= text.size();
    throw UserError(
        Complaint{fmt::format("{}:{}", name, line_and_column(text, error.byte)),
                  cut ? "the file ends in the middle of the JSON text: it is truncated" : "malformed JSON"});
  } catch (const Json::out_of_range&) {
    throw UserError(Complaint{name, "malformed JSON: a number is too large"});
  }
  try {
    std::string schema;
    Reading::read(Reading::member_of(json, "", "schema"), "schema", schema);
    if (schema != kSchema) {
      wrong("schema", fmt::format("\"{}\" is not known; this program reads \"{}\"", schema, kSchema));
    }
    Report report;
    Reader reader{json, ""};
    fields(reader, report);
    for (const Events& events : report.events) {
      if (const std::string what = what_is_wrong(events); !what.empty()) wrong("", what);
    }
    return report;
  } catch (const UserError& error) {
    throw UserError(Complaint{name, error.complaints().front().message});
  }
}

std::string read_text(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw UserError(Complaint{path.string(), "no such file"});
  if (std::filesystem::is_directory(path, error)) throw UserError(Complaint{path.string(), "is a folder"});
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw UserError(Complaint{path.string(), "cannot be read"});
  return text.str();
}

Report read_json(const std::filesystem::path& path) { return from_json(read_text(path), path.string()); }

}  // namespace tw::report
