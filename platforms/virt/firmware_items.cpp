#include "platforms/virt/firmware_items.hpp"

namespace tw::virt {

namespace {

using devices::FwCfg;

void add_sized(FwCfg& device, FwCfg::Key size, FwCfg::Key data, FwCfg::Bytes bytes) {
  device.add_number(size, bytes.size(), 4);
  device.add(data, std::move(bytes));
}

}  // namespace

void add_items(FwCfg& device, const FirmwareItems& items, unsigned cpus) {
  device.add_number(FwCfg::kCpus, cpus, 2);
  device.add_number(FwCfg::kMaximumCpus, cpus, 2);
  device.add_number(FwCfg::kNoGraphic, 1, 2);
  device.add_number(FwCfg::kBootMenu, 0, 2);
  if (items.kernel.empty()) return;
  add_sized(device, FwCfg::kKernelSize, FwCfg::kKernelData, items.kernel);
  if (!items.initrd.empty()) add_sized(device, FwCfg::kInitrdSize, FwCfg::kInitrdData, items.initrd);
  FwCfg::Bytes line(items.command_line.begin(), items.command_line.end());
  line.push_back(0);
  add_sized(device, FwCfg::kCommandLineSize, FwCfg::kCommandLineData, std::move(line));
}

}  // namespace tw::virt
