// Marks as users write them, and what is said of those that are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "platforms/region/mark.hpp"

namespace tw::region {
namespace {

using testing::HasSubstr;

Mark parse(const std::string& text) { return parse_mark(text, "--timed-from"); }

std::string complaint(const std::string& text) {
  try {
    parse(text);
  } catch (const UserError& error) {
    EXPECT_EQ(error.complaints().front().where, "--timed-from");
    return error.complaints().front().message;
  }
  return "";
}

TEST(Mark, EveryForm) {
  const struct {
    const char* text;
    MarkKind kind;
    const char* words;
    u64 number;
  } rows[] = {
      {"Run /init", MarkKind::Text, "Run /init", 0},
      {"text:pc:1", MarkKind::Text, "pc:1", 0},
      {"text:a\\nb", MarkKind::Text, "a\nb", 0},
      {"=> ", MarkKind::Text, "=> ", 0},
      {"login:", MarkKind::Text, "login:", 0},
      {"Booting: kernel", MarkKind::Text, "Booting: kernel", 0},
      {"trapwalk: userland is up", MarkKind::Text, "trapwalk: userland is up", 0},
      {"[    0.000000]", MarkKind::Text, "[    0.000000]", 0},
      {"pc:0x40001000", MarkKind::Pc, "", 0x4000'1000},
      {"pc:4096", MarkKind::Pc, "", 4096},
      {"pc:0xffffffc008000000", MarkKind::Pc, "", 0xffff'ffc0'0800'0000},
      {"symbol:start_kernel", MarkKind::Symbol, "start_kernel", 0},
      {"instructions:18446744073709551615", MarkKind::Instructions, "", ~u64{0}},
      {"hint:0", MarkKind::Hint, "", 0},
      {"hint:31", MarkKind::Hint, "", 31},
      {"vmid:65535", MarkKind::Vmid, "", 65535},
      {"vmid:any", MarkKind::AnyVmid, "", 0},
  };
  for (const auto& row : rows) {
    const Mark mark = parse(row.text);
    EXPECT_EQ(mark.kind, row.kind) << row.text;
    EXPECT_EQ(mark.text, row.words) << row.text;
    EXPECT_EQ(mark.number, row.number) << row.text;
    EXPECT_EQ(mark.written, row.text);
  }
}

TEST(Mark, WrongOnesSayWhatIsRight) {
  const struct {
    const char* text;
    const char* says;
  } rows[] = {
      {"", "a mark is needed"},
      {"pc:", "as in pc:0xADDRESS"},
      {"pc:main", "'main' is not a number"},
      {"pc:0x1002", "multiple of 4"},
      {"pc:0x10000000000000000", "is not a number"},
      {"symbol:", "as in symbol:NAME"},
      {"instructions:0", "0 instructions"},
      {"instructions:1M", "'1M' is not a number, as in instructions:N"},
      {"hint:32", "32 is more than 31"},
      {"vmid:65536", "65536 is more than 65535"},
      {"vmid:all", "as in vmid:N|any"},
      {"pc=0x1000", "did you mean \"pc:0x1000\"?"},
      {"instructions=5", "did you mean \"instructions:5\"?"},
      {"symbl:main", "did you mean \"symbol:main\"? As text of the console it is \"text:symbl:main\""},
      {"vmdi:2", "did you mean \"vmid:2\"?"},
  };
  for (const auto& row : rows) EXPECT_THAT(complaint(row.text), HasSubstr(row.says)) << row.text;
}

TEST(Mark, TheFormsAreListed) {
  for (const char* word : {"text:", "pc:", "symbol:", "instructions:", "hint:", "vmid:"}) {
    EXPECT_THAT(mark_forms(), HasSubstr(word));
  }
}

}  // namespace
}  // namespace tw::region
