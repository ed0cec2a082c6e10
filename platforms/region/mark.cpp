#include "platforms/region/mark.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"

namespace tw::region {

namespace {

struct Form {
  std::string_view word;
  MarkKind kind;
  std::string_view argument;  ///< as messages show it
  u64 last;                   ///< largest number
};
constexpr Form kForms[] = {
    {"text", MarkKind::Text, "TEXT", 0},       {"pc", MarkKind::Pc, "0xADDRESS", ~u64{0}},
    {"symbol", MarkKind::Symbol, "NAME", 0},   {"instructions", MarkKind::Instructions, "N", ~u64{0}},
    {"hint", MarkKind::Hint, "0..31", 31},  // cpu::kMarkHints: checked in platforms/virt/run_control.cpp
    {"vmid", MarkKind::Vmid, "N|any", 0xFFFF},
};

std::string shape(const Form& form) { return fmt::format("{}:{}", form.word, form.argument); }

std::optional<u64> number(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  u64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Mark take(const Form& form, const std::string& argument, const std::string& text, const std::string& option) {
  Mark mark{.kind = form.kind, .text = {}, .number = 0, .written = text};
  const auto refuse = [&](const std::string& why) -> Mark {
    throw UserError(Complaint{option, fmt::format("'{}': {}, as in {}", text, why, shape(form))});
  };
  if (argument.empty()) return refuse("something is missing behind the colon");
  switch (form.kind) {
    case MarkKind::Text:
      mark.text = unescape(argument);
      return mark;
    case MarkKind::Symbol:
      mark.text = argument;
      return mark;
    case MarkKind::Vmid:
      if (argument == "any") {
        mark.kind = MarkKind::AnyVmid;
        return mark;
      }
      break;
    default:
      break;
  }
  const std::optional<u64> value = number(argument);
  if (!value) return refuse(fmt::format("'{}' is not a number", argument));
  if (*value > form.last) return refuse(fmt::format("{} is more than {}", argument, form.last));
  if (form.kind == MarkKind::Pc && *value % 4 != 0) return refuse("an instruction is at a multiple of 4");
  if (form.kind == MarkKind::Instructions && *value == 0) return refuse("0 instructions are no way to go");
  mark.number = *value;
  return mark;
}

/// "pc=0x1000", "symbl:main": no words of a console, but one that means a form and is not one.
void refuse_near_miss(const std::string& text, const std::string& option) {
  const std::size_t end = text.find_first_of(":=");
  if (end == std::string::npos || end + 1 == text.size() || text.find(' ') != std::string::npos) return;
  std::vector<std::string> words;
  for (const Form& form : kForms) words.emplace_back(form.word);
  const std::string word = config::nearest(text.substr(0, end), words);
  if (word.empty() || config::edit_distance(text.substr(0, end), word) > std::max<std::size_t>(1, word.size() / 4))
    return;
  throw UserError(
      Complaint{option, fmt::format("'{}' is no mark, did you mean \"{}:{}\"? As text of the console it is \"text:{}\"",
                                    text, word, text.substr(end + 1), text)});
}

}  // namespace

std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    out += next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next == 'e' ? '\x1B' : next;
  }
  return out;
}

std::string mark_forms() {
  std::vector<std::string> shapes;
  for (const Form& form : kForms) shapes.push_back(shape(form));
  return fmt::format("{}", fmt::join(shapes, ", "));
}

Mark parse_mark(const std::string& text, const std::string& option) {
  if (text.empty()) throw UserError(Complaint{option, "a mark is needed: text of the console, or " + mark_forms()});
  for (const Form& form : kForms) {
    const std::string prefix = std::string(form.word) + ":";
    if (text.starts_with(prefix)) return take(form, text.substr(prefix.size()), text, option);
  }
  refuse_near_miss(text, option);
  return {.kind = MarkKind::Text, .text = unescape(text), .number = 0, .written = text};
}

}  // namespace tw::region
