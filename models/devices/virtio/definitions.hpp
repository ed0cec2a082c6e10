// Numbers of the virtio specification (OASIS, version 1.2) that devices and transports share.
#pragma once

#include "base/types.hpp"

namespace tw::devices::virtio {

/// Device types (section 5).
enum class DeviceType : u32 { None = 0, Network = 1, Block = 2, Console = 3, Entropy = 4 };

/// Device status (section 2.1).
namespace status {
inline constexpr u8 kAcknowledge = 1, kDriver = 2, kDriverOk = 4, kFeaturesOk = 8, kNeedsReset = 64, kFailed = 128;
}

/// Reserved feature bits (section 6), the ones that exist here.
namespace feature {
inline constexpr u64 kIndirect = u64{1} << 28;        ///< VIRTIO_F_INDIRECT_DESC
inline constexpr u64 kEventIdx = u64{1} << 29;        ///< VIRTIO_F_EVENT_IDX
inline constexpr u64 kVersion1 = u64{1} << 32;        ///< VIRTIO_F_VERSION_1
inline constexpr u64 kAccessPlatform = u64{1} << 33;  ///< VIRTIO_F_ACCESS_PLATFORM
}  // namespace feature

/// As on QEMU, for which guests may look.
inline constexpr u32 kVendor = 0x554D'4551;

}  // namespace tw::devices::virtio
