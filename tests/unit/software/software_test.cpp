#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "platforms/software/catalogue.hpp"
#include "platforms/software/child_process.hpp"
#include "platforms/software/cpio.hpp"
#include "platforms/software/initramfs.hpp"

namespace tw::software {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Catalogue, ValuesAreCutAtReferences) {
  const std::vector<Piece> pieces = pieces_of("kernel={linux:boot/vm*},size={#initrd},env=${braces}");
  ASSERT_EQ(pieces.size(), 5u);
  EXPECT_EQ(pieces[0].text, "kernel=");
  EXPECT_EQ(pieces[1].reference.package, "linux");
  EXPECT_EQ(pieces[1].reference.file, "boot/vm*");
  EXPECT_FALSE(pieces[1].reference.size);
  EXPECT_EQ(pieces[3].reference.package, "");
  EXPECT_EQ(pieces[3].reference.file, "initrd");
  EXPECT_TRUE(pieces[3].reference.size);
  EXPECT_EQ(pieces[4].text, ",env=${braces}");
}

TEST(Catalogue, NamesAreUniqueAndRowsWhole) {
  std::set<std::string_view> names;
  for (const Software& software : catalogue()) {
    EXPECT_TRUE(names.insert(software.name).second) << software.name;
    EXPECT_FALSE(software.milestone.empty()) << software.name;
    EXPECT_FALSE(packages_of(software).empty()) << software.name;
    for (const Option& option : software.options) {
      for (const Piece& piece : pieces_of(option.value)) {
        if (!piece.is_reference) continue;
        EXPECT_FALSE(piece.reference.file.empty()) << option.value;
        if (piece.reference.package.empty()) {
          EXPECT_NO_THROW(built_file(piece.reference.file)) << option.value;
        }
      }
    }
  }
}

TEST(Catalogue, PackagesOnceEach) {
  EXPECT_THAT(packages_of(find_software("xen-domains-arm64")),
              ElementsAre("xen-hypervisor-4.17-arm64", "linux-image-arm64", "busybox-static"));
  EXPECT_EQ(payload_prefix("linux-image-arm64/bookworm-backports"), "linux-image-");
  EXPECT_EQ(payload_prefix("u-boot-qemu"), "");
  EXPECT_THAT(packages_of(find_software("debian-12-arm64")), ElementsAre("linux-image-arm64", "busybox-static"));
}

TEST(Catalogue, AWrongNameGetsTheNearest) {
  try {
    find_software("xen-arm46");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"xen-arm64\""));
  }
}

TEST(ChildProcess, StatusAndBothStreams) {
  const Outcome outcome = run_program({"sh", "-c", "echo out; echo err >&2; pwd; exit 7"}, "/usr");
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.output, "out\n/usr\n");
  EXPECT_EQ(outcome.errors, "err\n");
  EXPECT_EQ(run_program({"sh", "-c", "kill -9 $$"}).status, 128 + 9);
}

TEST(ChildProcess, ArgumentsAreNoShellText) {
  EXPECT_EQ(run_program({"printf", "%s", "a; exit 3 `b` $HOME 'c'"}).output, "a; exit 3 `b` $HOME 'c'");
}

TEST(ChildProcess, MoreThanAPipeHoldsOnBothAtOnce) {
  const Outcome outcome = run_program({"sh", "-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"});
  EXPECT_EQ(outcome.output.size(), 300'000u);
  EXPECT_EQ(outcome.errors.size(), 300'000u);
}

TEST(Initramfs, AKernelWithoutTheModules) {
  EXPECT_THROW(disk_modules(::testing::TempDir() + "/no-kernel"), Unavailable);
}

TEST(ChildProcess, WhatIsNotThere) { EXPECT_THROW(run_program({"no-such-program-at-all"}), Unavailable); }

/// The oracle is the host's cpio.
TEST(Initramfs, CpioReadsItAndItIsAlwaysTheSame) {
  if (run_program({"sh", "-c", "command -v cpio"}).status != 0)
    GTEST_SKIP() << "cpio is missing; install the package cpio";
  const images::Bytes busybox{'b', 'o', 'x', '\n', '!'};
  const images::Bytes archive = make_initramfs(busybox, init_script(), {{"second.ko", {2, 2}}, {"first.ko", {1}}});
  EXPECT_EQ(archive, make_initramfs(busybox, init_script(), {{"second.ko", {2, 2}}, {"first.ko", {1}}}));
  const std::string path = ::testing::TempDir() + "/initramfs-" + std::to_string(getpid());
  images::write_file(path, archive);
  const Outcome list = run_program({"sh", "-c", "gzip -dc <\"$0\" | TZ=UTC0 cpio -t -v --quiet -n", path});
  EXPECT_EQ(list.errors, "");
  EXPECT_THAT(list.output, HasSubstr("crw-------   1 0        0          5,   1 Jan  1  1970 dev/console"));
  EXPECT_THAT(list.output, HasSubstr("-rwxr-xr-x   1 0        0               5 Jan  1  1970 bin/busybox"));
  EXPECT_THAT(list.output, HasSubstr("bin/sh -> busybox"));
  EXPECT_THAT(list.output, HasSubstr("  2 Jan  1  1970 modules/00-second.ko"));
  EXPECT_THAT(list.output, HasSubstr("  1 Jan  1  1970 modules/01-first.ko"));
  const Outcome content = run_program({"sh", "-c", "gzip -dc <\"$0\" | cpio -i --quiet --to-stdout init", path});
  EXPECT_EQ(content.output, init_script());
  std::remove(path.c_str());
}

}  // namespace
}  // namespace tw::software
