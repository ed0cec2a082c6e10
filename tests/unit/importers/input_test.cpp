// Packed files: what they hold, and every way to cut one.
#include <gtest/gtest.h>

#include <filesystem>

#include "unit/importers/files.hpp"

using namespace tw;
using namespace tw::importers;

namespace {

std::string all_of(Input& input) {
  std::string all;
  for (int byte = input.get(); byte >= 0; byte = input.get()) all += static_cast<char>(byte);
  return all;
}
std::string unpacked(const std::string& file) {
  Input input("f", std::make_unique<std::istringstream>(file));
  return all_of(input);
}

/// Neither short nor well packed: many times each buffer.
std::string noise(std::size_t bytes) {
  u64 state = 1;
  std::string text;
  for (std::size_t n = 0; n < bytes; ++n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    text += static_cast<char>(state >> 60);
  }
  return text;
}

using Pack = std::string (*)(const std::string&);
constexpr Pack kPacks[] = {test::gzip, test::xz, test::zstd};

TEST(Input, UnpacksWhatItsMagicSays) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{256 << 10}, std::size_t{1'500'000}}) {
    const std::string text = noise(bytes);
    EXPECT_TRUE(unpacked(text) == text) << bytes;
    for (const Pack pack : kPacks) EXPECT_TRUE(unpacked(pack(text)) == text) << bytes;
  }
}

TEST(Input, MembersThatFollowOneAnotherAreOneFile) {
  const std::string first = noise(100'000), second = "second";
  for (const Pack pack : kPacks) EXPECT_TRUE(unpacked(pack(first) + pack(second)) == first + second);
}

TEST(Input, AFileThatFillsTheBufferExactly) {
  std::string text = noise(64 << 10);
  EXPECT_TRUE(unpacked(text) == text);
  text = noise(300'000);  // packed longer than a buffer, and cut to one: truncated, and said so
  for (const Pack pack : kPacks) EXPECT_THROW(unpacked(pack(text).substr(0, 64 << 10)), UserError);
}

TEST(Input, EveryCutIsTold) {
  const std::string text = noise(500);
  for (const Pack pack : kPacks) {
    const std::string whole = pack(text);
    for (std::size_t bytes = 6; bytes < whole.size(); ++bytes) {
      try {
        unpacked(whole.substr(0, bytes));
        FAIL() << bytes << " of " << whole.size();
      } catch (const UserError& error) {
        EXPECT_EQ(std::string(error.what()).find("f: offset "), 0u) << error.what();
      }
    }
    EXPECT_THROW(unpacked(whole + "more"), UserError);
  }
}

TEST(Input, EveryChangedByteOfDataIsToldOrHarmless) {
  const std::string text = noise(500);
  for (const Pack pack : {kPacks[0], kPacks[1]}) {  // zstd as here has no checksum
    const std::string whole = pack(text);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0x10);
      try {
        const std::string out = unpacked(changed);
        EXPECT_TRUE(out == text || at < 10) << at;  // gzip's time and system, or no magic any more
      } catch (const UserError&) {
      }
    }
  }
}

TEST(Input, NothingCanBeReadOf) {
  EXPECT_THROW(unpacked(""), UserError);
  EXPECT_THROW(Input(std::filesystem::path("/nonexistent/file")), UserError);
  EXPECT_THROW(Input(std::filesystem::path("/")), UserError);
}

TEST(Input, LinesAcrossBuffersAndWithoutEnd) {
  std::string text, line;
  for (unsigned n = 0; n < 100'000; ++n) text += std::to_string(n) + "\n";
  Input input("f", std::make_unique<std::istringstream>(text + "last"));
  for (unsigned n = 0; n < 100'000; ++n) {
    ASSERT_TRUE(input.line(line));
    ASSERT_EQ(line, std::to_string(n));
  }
  EXPECT_EQ(input.offset(), text.size());
  EXPECT_TRUE(input.line(line));
  EXPECT_EQ(line, "last");
  EXPECT_FALSE(input.line(line));
  Input longest("f", std::make_unique<std::istringstream>(std::string(1 << 20, 'x')));
  EXPECT_THROW(longest.line(line), UserError);
}

}  // namespace
