// QEMU's firmware configuration device (docs/specs/fw_cfg of QEMU): named blobs for firmware, by selector and data
// register, or by DMA.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/mmio.hpp"
#include "devices/ports.hpp"

namespace tw::devices {

class FwCfg final : public MmioTarget {
 public:
  using Bytes = std::vector<u8>;
  /// Keys with a fixed meaning ("Selector (Control) Register"). Numbers in their blobs are little-endian.
  enum Key : u16 {
    kSignature = 0x00,
    kId = 0x01,
    kNoGraphic = 0x04,
    kCpus = 0x05,
    kKernelSize = 0x08,
    kInitrdSize = 0x0B,
    kBootMenu = 0x0E,
    kMaximumCpus = 0x0F,
    kKernelData = 0x11,
    kInitrdData = 0x12,
    kCommandLineSize = 0x14,
    kCommandLineData = 0x15,
    kFileDirectory = 0x19,
    kFirstFile = 0x20,
  };
  static constexpr std::size_t kLongestName = 55;
  static constexpr u64 kBytes = 0x18;

  explicit FwCfg(DmaPort& dma);

  /// Replaces what was there.
  void add(u16 key, Bytes blob);
  void add_number(u16 key, u64 value, unsigned bytes);
  /// A file of the directory; names are at most kLongestName long and unique. Its key is the next one.
  void add_file(std::string_view name, Bytes blob);

  MmioResult access(const MmioAccess& access) override;
  static std::span<const RegisterRow<FwCfg>> rows();
  void reset();

 private:
  struct File {
    std::string name;
    u16 key;
  };

  void select(u16 key);
  u8 next();
  u64 read_data(const MmioAccess& access);
  void write_dma_address(const MmioAccess& access);
  void run_dma();
  bool transfer(u32 control, u32 length, Iova address);
  bool copy_out(u32 length, Iova address);
  void rebuild_directory();
  const Bytes* selected() const;

  DmaPort& dma_;
  std::map<u16, Bytes> blobs_;
  std::vector<File> files_;
  u16 key_ = 0;
  u64 offset_ = 0;
  u64 dma_address_ = 0;
};

}  // namespace tw::devices
