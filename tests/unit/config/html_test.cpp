// The page around its data: nothing in a report can end the data's element, and the data comes back as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "platforms/report/html/html.hpp"
#include "platforms/report/html/page.hpp"
#include "platforms/report/json.hpp"

namespace tw::report {
namespace {

using html::escaped_json;
using html::escaped_text;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHostile[] = {
    "</script><script>alert(1)</script>", "<!--<script>", "]]>", "{{data}}", "{{title}}", "\"'&amp;\\u003c",
    "\xE2\x80\xA8 line separator",        "</SCRIPT >",   "",    "\x01\x1F", "ÿ𐍈"};

Report with_name(std::string_view name) {
  Report report;
  report.run.platform = "virt";
  report.run.images = {std::string(name)};
  report.run.stopped = name;
  Core core;
  core.model = name;
  Trap trap;
  trap.control = name;
  trap.subject = name;
  core.traps.push_back(trap);
  report.cores.push_back(core);
  return report;
}

std::size_t times(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
  return n;
}

/// What a browser takes for the element's text: up to the first end tag.
std::string data_of(std::string_view page, const std::string& id) {
  const std::string open = "<script type=\"application/json\" id=\"" + id + "\">";
  const std::size_t begin = page.find(open) + open.size();
  return std::string(page.substr(begin, page.find("</script", begin) - begin));
}

TEST(Html, EscapedJsonIsTheSameValueAndHasNoMarkup) {
  for (const std::string_view text : kHostile) {
    const std::string json = nlohmann::json(std::string(text)).dump();
    const std::string escaped = escaped_json(json);
    EXPECT_THAT(escaped, Not(HasSubstr("<")));
    EXPECT_EQ(nlohmann::json::parse(escaped).get<std::string>(), text);
  }
}

TEST(Html, EscapedTextHasNoMarkup) {
  EXPECT_EQ(escaped_text("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  EXPECT_EQ(escaped_text("plain ÿ"), "plain ÿ");
}

TEST(Html, NothingInAReportBreaksOut) {
  const std::string harmless = to_html(with_name("kernel.elf"));
  for (const std::string_view name : kHostile) {
    const Report report = with_name(name);
    const std::string page = to_html(report);
    EXPECT_EQ(times(page, "<script"), times(harmless, "<script")) << name;
    EXPECT_EQ(times(page, "</script"), times(harmless, "</script")) << name;
    EXPECT_EQ(times(page, "<!--"), 0u) << name;
    EXPECT_EQ(from_json(data_of(page, "report"), "page"), report) << name;
  }
}

TEST(Html, NothingInAComparisonBreaksOut) {
  for (const std::string_view name : kHostile) {
    Report a = with_name(name), b = with_name("b");
    const Comparison c = compare(a, b, std::string(name), "b");
    EXPECT_EQ(times(to_html(c, a, b), "</script"), 2u) << name;
    a.events.emplace_back().kinds = {std::string(name)};
    EXPECT_EQ(times(to_html(c, a, b), "</script"), 2u) << "only one has a timeline";
    b.events.emplace_back();
    const std::string page = to_html(c, a, b);
    EXPECT_EQ(times(page, "</script"), 4u) << name;
    EXPECT_EQ(nlohmann::json::parse(data_of(page, "timelines"))[0]["events"][0]["kinds"][0], name);
    EXPECT_EQ(nlohmann::json::parse(data_of(page, "comparison")), nlohmann::json::parse(to_json(c))) << name;
  }
}

TEST(Html, BytesThatAreNoUtf8AreReplaced) {
  const std::string page = to_html(with_name("\xFF\xFE<"));
  EXPECT_THAT(data_of(page, "report"), HasSubstr("\xEF\xBF\xBD"));
  EXPECT_NO_THROW(from_json(data_of(page, "report"), "page"));
}

TEST(Html, ThePageStandsAlone) {
  const std::string page = to_html(Report());
  EXPECT_THAT(page, Not(HasSubstr("{{")));
  EXPECT_EQ(times(page, "://"), 1u) << "the name space of SVG, which nobody fetches";
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_EQ(page, to_html(Report()));
}

TEST(Html, MembersThatAReportDoesNotHoldAreKept) {
  auto json = nlohmann::json::parse(to_json(Report()));
  json["study"] = {{"masters", {"</script>"}}};
  EXPECT_EQ(nlohmann::json::parse(data_of(to_html(Report(), json.dump()), "report")), json);
}

TEST(Html, SeveralCoresHaveASum) {
  Report report = with_name("x");
  EXPECT_TRUE(nlohmann::json::parse(data_of(to_html(report), "notes"))["all_cores"].is_null());
  report.cores[0].traps[0].count = 5;
  report.cores.push_back(report.cores[0]);
  report.cores[1].cpu = 1;
  const auto notes = nlohmann::json::parse(data_of(to_html(report), "notes"));
  ASSERT_EQ(notes["all_cores"]["traps"].size(), 1u);
  EXPECT_EQ(notes["all_cores"]["traps"][0]["count"], 10u);
}

TEST(Html, EveryCauseHasAGroup) {
  const auto notes = nlohmann::json::parse(data_of(to_html(Report()), "notes"));
  EXPECT_EQ(notes["groups"].size(), kGroupCount);
  ASSERT_EQ(notes["causes"].size(), cost::kCauseCount);
  for (const auto& cause : notes["causes"]) EXPECT_LT(cause["group"].get<unsigned>(), kGroupCount);
}

}  // namespace
}  // namespace tw::report
