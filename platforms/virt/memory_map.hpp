// The memory map and the interrupt wiring of QEMU's `virt` machine (hw/arm/virt: the same in all its versions).
#pragma once

#include "base/types.hpp"

namespace tw::virt {

struct Range {
  Pa base;
  u64 size;

  constexpr Range first(u64 bytes) const { return {base, bytes}; }
};

inline constexpr Range kFlash0{Pa{0x0000'0000}, 0x0400'0000};
inline constexpr Range kFlash1{Pa{0x0400'0000}, 0x0400'0000};
inline constexpr Range kGicDistributor{Pa{0x0800'0000}, 0x0001'0000};
inline constexpr Range kGicCpuInterface{Pa{0x0801'0000}, 0x0001'0000};
inline constexpr Range kGicMessages{Pa{0x0802'0000}, 0x0000'1000};
inline constexpr Range kGicHypervisor{Pa{0x0803'0000}, 0x0001'0000};
inline constexpr Range kGicVirtualCpu{Pa{0x0804'0000}, 0x0001'0000};
inline constexpr Range kGicIts{Pa{0x0808'0000}, 0x0002'0000};
inline constexpr Range kGicRedistributors{Pa{0x080A'0000}, 0x00F6'0000};  ///< room for 123 cores
inline constexpr Range kUart{Pa{0x0900'0000}, 0x0000'1000};
inline constexpr Range kRtc{Pa{0x0901'0000}, 0x0000'1000};
inline constexpr Range kFwCfg{Pa{0x0902'0000}, 0x18};
inline constexpr Range kGpio{Pa{0x0903'0000}, 0x0000'1000};
inline constexpr Range kSecureUart{Pa{0x0904'0000}, 0x0000'1000};
inline constexpr Range kSmmu{Pa{0x0905'0000}, 0x0002'0000};
inline constexpr Range kSecureGpio{Pa{0x090B'0000}, 0x0000'1000};
inline constexpr Range kPl330{Pa{0x0C00'0000}, 0x0000'1000};  ///< where QEMU puts devices that users add to its bus
inline constexpr Range kSecureRam{Pa{0x0E00'0000}, 0x0100'0000};
inline constexpr Range kVirtio{Pa{0x0A00'0000}, 0x0000'4000};  ///< kVirtioTransports frames next to each other
inline constexpr Range kPciMemory{Pa{0x1000'0000}, 0x2EFF'0000};
inline constexpr Range kPciIo{Pa{0x3EFF'0000}, 0x0001'0000};
inline constexpr Pa kRam{0x4000'0000};
inline constexpr Range kPciEcam{Pa{0x40'1000'0000}, 0x1000'0000};  ///< behind 255 GB of RAM
inline constexpr Range kPciHighMemory{Pa{0x80'0000'0000}, 0x80'0000'0000};

inline constexpr unsigned kVirtioTransports = 32;
inline constexpr u32 kPciWires = 4;
inline constexpr unsigned kFirstVirtioPciDevice = 1;  ///< on bus 0; device 0 is the host bridge
/// The pin of the GPIO at which the power key is.
inline constexpr u32 kPowerKeyPin = 3;
/// The pins of the secure GPIO that firmware drives.
inline constexpr u32 kSecurePowerOffPin = 0, kSecureRestartPin = 1;

// Interrupts as the device tree counts them: SPI n is INTID 32 + n, PPI n is INTID 16 + n.
inline constexpr u32 kUartSpi = 1;
inline constexpr u32 kRtcSpi = 2;
inline constexpr u32 kFirstPciSpi = 3;
inline constexpr u32 kGpioSpi = 7;
inline constexpr u32 kSecureUartSpi = 8;
inline constexpr u32 kSecureGpioSpi = 0;     ///< as QEMU's tree says; not connected
inline constexpr u32 kFirstVirtioSpi = 16;   ///< transport n has SPI 16 + n
inline constexpr u32 kFirstMessageSpi = 48;  ///< of the GICv2m frame
inline constexpr u32 kMessageSpis = 64;
/// The SMMU's event queue, PRI queue, CMD_SYNC and global errors.
inline constexpr u32 kSmmuEventSpi = 74, kSmmuPriSpi = 75, kSmmuSyncSpi = 76, kSmmuErrorSpi = 77;
inline constexpr u32 kPl330AbortSpi = 112, kFirstPl330Spi = 113;  ///< irq_abort; irq[n] has SPI 113 + n
inline constexpr u32 kMaintenancePpi = 9;
inline constexpr u32 kPmuPpi = 7;
inline constexpr u32 kTimerSecurePpi = 13;
inline constexpr u32 kTimerPhysicalPpi = 14;
inline constexpr u32 kTimerVirtualPpi = 11;
inline constexpr u32 kTimerHypervisorPpi = 10;
constexpr u32 ppi_intid(u32 ppi) { return 16 + ppi; }
constexpr u32 spi_intid(u32 spi) { return 32 + spi; }

/// StreamIDs: a PCI function's is its requester ID; those of the other devices follow.
inline constexpr u32 kPciStreams = 0x1'0000;
inline constexpr u32 kFirstVirtioStream = kPciStreams;  ///< transport n has kFirstVirtioStream + n
inline constexpr u32 kFirstPl330Stream = kFirstVirtioStream + kVirtioTransports;  ///< of the manager, and so on
/// The DeviceID of the SMMU's own messages, of 16 bits as the ITS has them: a function on a bus that does not exist.
inline constexpr u32 kSmmuStream = 0xFFFF;

}  // namespace tw::virt
