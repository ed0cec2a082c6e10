// ID registers that follow from the configuration (IHI 0070, 6.3.1 - 6.3.8), and what follows from them.
#pragma once

#include "smmu/config.hpp"

namespace tw::smmu {

u32 idr0(const Config& config);
u32 idr1(const Config& config);
u32 idr2(const Config& config);
u32 idr3(const Config& config);
u32 idr4(const Config& config);
u32 idr5(const Config& config);
u32 iidr();
u32 aidr();
u32 s_idr0(const Config& config);
u32 s_idr1(const Config& config);
u32 s_idr2(const Config& config);
u32 s_idr3(const Config& config);
u32 s_idr4(const Config& config);

/// Of SMMU_*_IRQ_CFG0 and CMD_SYNC.
inline constexpr u64 kMessageAddress = 0x000F'FFFF'FFFF'FFFC;
/// IDR5.OAS.
constexpr unsigned output_bits(const Config& config) { return static_cast<unsigned>(config.pa_bits); }
bool stalls(const Config& config);
bool terminates(const Config& config);

}  // namespace tw::smmu
