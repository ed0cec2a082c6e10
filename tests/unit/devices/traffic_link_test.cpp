// The PCIe link against the base specification's rates, TLP sizes and the published model of pcie-bench.
#include "devices/traffic/link.hpp"

#include <gtest/gtest.h>

namespace tw::devices::traffic {
namespace {

LinkConfig plain() {
  LinkConfig config;
  config.dllp_ppm = 0;
  return config;
}

TEST(TrafficLink, RatesAreThoseOfTheGenerations) {
  LinkConfig config = plain();
  // GT/s, lanes -> gigabits a second behind the encoding.
  constexpr struct {
    u64 generation, lanes;
    double gigabits;
  } kExpected[] = {{1, 1, 2.0}, {2, 4, 16.0}, {3, 8, 63.0154}, {4, 16, 252.0615}, {5, 16, 504.1231}};
  for (const auto& row : kExpected) {
    config.generation = row.generation;
    config.lanes = row.lanes;
    EXPECT_NEAR(8e6 / static_cast<double>(femtoseconds_per_byte(config)), row.gigabits, row.gigabits * 1e-4);
  }
}

TEST(TrafficLink, AcknowledgementsTakeTheirShare) {
  LinkConfig config = plain();
  config.dllp_ppm = 81'400;  // SIGCOMM'18, section 3: 57.88 Gb/s of 62.96 for x8, third generation
  EXPECT_NEAR(8e6 / static_cast<double>(femtoseconds_per_byte(config)), 57.88, 0.02);
}

TEST(TrafficLink, WireBytesOfReadsAndWrites) {
  LinkConfig config = plain();
  EXPECT_EQ(wire_bytes(config, 64, true).up, 64u + 24u);
  EXPECT_EQ(wire_bytes(config, 64, true).down, 0u) << "posted";
  EXPECT_EQ(wire_bytes(config, 256, true).up, 256u + 24u);
  EXPECT_EQ(wire_bytes(config, 257, true).up, 257u + 2 * 24u);
  EXPECT_EQ(wire_bytes(config, 64, false).up, 24u);
  EXPECT_EQ(wire_bytes(config, 64, false).down, 64u + 20u);
  EXPECT_EQ(wire_bytes(config, 1024, false).up, 2 * 24u) << "two requests of 512";
  EXPECT_EQ(wire_bytes(config, 1024, false).down, 1024u + 4 * 20u);
  config.completion = 64;
  EXPECT_EQ(wire_bytes(config, 1024, false).down, 1024u + 16 * 20u) << "cut at the read completion boundary";
}

TEST(TrafficLink, ClosedFormulaOfBandwidth) {
  LinkConfig config = plain();
  const double wire = 8e9 * 8 * 128 / 130 / 8;  // bytes a second
  EXPECT_NEAR(bandwidth(config, 256, false), wire * 256 / 276, wire * 1e-5);
  EXPECT_NEAR(bandwidth(config, 256, true), wire * 256 / 280, wire * 1e-5);
  EXPECT_NEAR(bandwidth(config, 16, false), wire * 16 / 36, wire * 1e-5);
  config.request_overhead = 64;  // the requests limit
  EXPECT_NEAR(bandwidth(config, 16, false), wire * 16 / 64, wire * 1e-5);
}

TEST(TrafficLink, DirectionsAreBusyOneByOne) {
  Link link;
  EXPECT_EQ(link.go_up(100, 24), 124u);
  EXPECT_EQ(link.go_up(100, 24), 148u) << "behind the first";
  EXPECT_EQ(link.go_down(100, 84), 184u) << "the other direction is free";
  EXPECT_EQ(link.go_down(1000, 84), 1084u);
  EXPECT_EQ(link.go_down(500, 84), 584u) << "an answer that comes early passes one that is late";
}

TEST(TrafficLink, LanesAreChecked) {
  LinkConfig config;
  EXPECT_TRUE(validate(config).empty());
  config.lanes = 5;
  EXPECT_EQ(validate(config).size(), 1u);
}

}  // namespace
}  // namespace tw::devices::traffic
