// GICv2m. Expectations: DEN 0029, appendix E.
#include "gic/v2/message_frame.hpp"
#include "unit/gic/bench.hpp"

namespace tw::gic::test {
namespace {

struct MessageFrameTest : Bench {
  v2::MessageFrame frame{gic, 80, 64};
  FrameUnderTest v2m{frame};
};

TEST_F(MessageFrameTest, SaysWhichSpisItHas) { EXPECT_EQ(v2m.read(0x008), u64{80} << 16 | 64); }

TEST_F(MessageFrameTest, AMessagePulsesItsSpi) {
  enable();
  route(80, 0x80, 1, true);
  route(143, 0x40, 1, true);
  v2m.write(0x040, 80);
  v2m.write(0x040, 143, 0, 2);
  EXPECT_TRUE(irq());
  EXPECT_EQ(gicc.read(IAR), 143u);
  gicc.write(EOIR, 143);
  EXPECT_EQ(gicc.read(IAR), 80u);
  gicc.write(EOIR, 80);
  EXPECT_FALSE(irq());
}

TEST_F(MessageFrameTest, OtherNumbersAreIgnored) {
  enable();
  for (const u32 intid : {79u, 144u, 1023u}) {
    v2m.write(0x040, intid);
    if (intid < 288) {
      EXPECT_FALSE(pending(intid));
    }
  }
  EXPECT_EQ(v2m.read(0x040), 0u);
}

}  // namespace
}  // namespace tw::gic::test
