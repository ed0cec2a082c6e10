#include "gic/v2/message_frame.hpp"

#include "gic/register_access.hpp"

namespace tw::gic::v2 {

struct MessageRegisters {
  using F = MessageFrame;
  using A = MmioAccess;

  static u64 read_typer(F& f, const A&) { return u64{f.first_} << 16 | f.count_; }
  static void set_spi(F& f, const A& a) {
    const u32 intid = static_cast<u32>(a.value & 0x3FF);
    if (intid < f.first_ || intid - f.first_ >= f.count_) return;
    f.controller_.set_spi(intid, true);
    f.controller_.set_spi(intid, false);
  }
  static u64 read_iidr(F&, const A&) { return 0x0000043B; }  // Arm, product 0

  static constexpr RegisterRow<F> kRows[] = {
      {"MSI_TYPER", 0x008, 4, kWord, read_typer, nullptr},
      {"MSI_SETSPI_NS", 0x040, 4, kHalfOrWord, nullptr, set_spi},
      {"MSI_IIDR", 0xFCC, 4, kWord, read_iidr, nullptr},
  };
};

MmioResult MessageFrame::access(const MmioAccess& access) { return access_rows(*this, registers(), access); }

std::span<const RegisterRow<MessageFrame>> MessageFrame::registers() { return MessageRegisters::kRows; }

}  // namespace tw::gic::v2
