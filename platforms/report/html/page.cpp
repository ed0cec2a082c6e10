#include "platforms/report/html/page.hpp"

#include <fmt/format.h>

namespace tw::report::html {
namespace {

/// What stands for the text's special characters; the others stand for themselves.
template <class Escape>
std::string escaped(std::string_view text, Escape escape) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    if (const std::string_view as = escape(c); !as.empty()) {
      out += as;
    } else {
      out += c;
    }
  }
  return out;
}

std::string data_elements(const std::vector<Data>& data) {
  std::string out;
  for (const Data& d : data) {
    out += fmt::format("<script type=\"application/json\" id=\"{}\">{}</script>\n", escaped_text(d.id),
                       escaped_json(d.json));
  }
  return out;
}

}  // namespace

std::string escaped_text(std::string_view text) {
  return escaped(text, [](char c) -> std::string_view {
    switch (c) {
      case '&':
        return "&amp;";
      case '<':
        return "&lt;";
      case '>':
        return "&gt;";
      case '"':
        return "&quot;";
      case '\'':
        return "&#39;";
      default:
        return {};
    }
  });
}

std::string escaped_json(std::string_view json) {
  return escaped(json, [](char c) -> std::string_view { return c == '<' ? "\\u003c" : std::string_view(); });
}

std::string page(std::string_view title, const std::vector<Data>& data) {
  std::string out;
  std::string_view rest = page_template();
  // In one pass: what is filled in is not looked at again.
  for (std::size_t begin = rest.find("{{"); begin != rest.npos; begin = rest.find("{{")) {
    const std::size_t end = rest.find("}}", begin);
    const std::string_view name = rest.substr(begin + 2, end - begin - 2);
    out += rest.substr(0, begin);
    if (name == "title") out += escaped_text(title);
    if (name == "style") out += style();
    if (name == "data") out += data_elements(data);
    if (name == "script") out += script();
    rest.remove_prefix(end + 2);
  }
  return out += rest;
}

}  // namespace tw::report::html
