#!/bin/sh
# A device tree of the user's: kept, but for memory, arguments, ramdisk and PSCI, as QEMU does it.
# Usage: device_tree.sh TRAPWALK
trapwalk=$1
if ! command -v dtc >/dev/null || ! command -v fdtget >/dev/null; then
  echo "SKIPPED: dtc is missing; install the package device-tree-compiler" >&2
  exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}
# adopt STATUS TREE-SOURCE [OPTION...]: leaves the tree that the guest would see in out.dtb, messages in message.
adopt() {
  status=$1
  echo "/dts-v1/; / { $2 };" | dtc -q -O dtb -o in.dtb || exit 1
  shift 2
  "$trapwalk" run --kernel kernel --dtb in.dtb --dump-dtb out.dtb "$@" 2>message
  got=$?
  [ $got -eq "$status" ] || fail "$*: status $got, expected $status: $(cat message)"
}
# has PATH PROPERTY EXPECTED [FORMAT]
has() {
  value=$(fdtget -t "${4:-x}" out.dtb "$1" "$2" 2>&1)
  [ "$value" = "$3" ] || fail "$1 $2 is '$value', expected '$3'"
}
printf 'abcdefgh' >kernel

# Without memory, without /chosen, with a node of the user's own.
adopt 0 '#address-cells = <2>; #size-cells = <2>; mine { colour = "blue"; };' --memory 256M --append 'root=/dev/vda' --initrd kernel
has /mine colour blue s
has /memory@40000000 reg '0 40000000 0 10000000'
has /memory@40000000 device_type memory s
has /chosen bootargs root=/dev/vda s
has /chosen linux,initrd-end '0 48000008'
has /psci method smc s
# What the user says of memory is replaced, of arguments only when there are some, of PSCI never.
adopt 0 '#address-cells = <2>; #size-cells = <2>; memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x1000>; };
  chosen { bootargs = "quiet"; }; psci { method = "hvc"; };' --memory 512M
has /memory@40000000 reg '0 40000000 0 20000000'
[ "$(fdtget -l out.dtb / | grep -c memory)" -eq 1 ] || fail "the memory node of the file is still there"
has /chosen bootargs quiet s
has /psci method hvc s
# One cell each, and none.
adopt 0 '#address-cells = <1>; #size-cells = <1>;' --memory 512M
has /memory@40000000 reg '40000000 20000000'
adopt 2 '#address-cells = <1>; #size-cells = <1>;' --memory 4G
grep -q 'less than 4G' message || fail "no reason: $(cat message)"
adopt 2 '#address-cells = <1>; #size-cells = <0>;'
grep -q 'no place for memory' message || fail "no reason: $(cat message)"

# What a hypervisor finds: modules and domains, in the user's order.
printf 'ramdisk' >ramdisk
python3 - <<'PYTHON'
import struct
open("image", "wb").write(struct.pack("<QQQQ24x4sI", 0, 0, 0x1000, 0, b"ARM\x64", 0))
PYTHON
"$trapwalk" run --hypervisor image --hypervisor-args 'sync_console' --kernel kernel --initrd ramdisk --append 'console=hvc0' \
  --domain 'kernel=image,memory=256M,cpus=2,vpl011,append=a=b,,c' --domain 'name=second,kernel=kernel,initrd=ramdisk' \
  --dump-dtb out.dtb || fail "hypervisor: status $?"
has /chosen xen,xen-bootargs sync_console s
has /chosen xen,dom0-bootargs console=hvc0 s
has /chosen '#address-cells' 2
has /chosen/module@40400000 compatible 'multiboot,kernel multiboot,module' s
has /chosen/module@40400000 reg '0 40400000 0 8'
has /chosen/module@40600000 compatible 'multiboot,ramdisk multiboot,module' s
has /chosen/domU1 memory '0 40000'
has /chosen/domU1 cpus 2
has /chosen/domU1 vpl011 ''
has /chosen/domU1/module@40800000 bootargs 'a=b,c' s
has /chosen/second/module@40a00000 reg '0 40a00000 0 8'
has /chosen/second/module@40c00000 reg '0 40c00000 0 7'
fdtget -p out.dtb /chosen/second | grep -q vpl011 && fail "second has a vpl011 that nobody asked for"
[ "$(fdtget -l out.dtb /chosen | grep -c 'domU1\|second')" -eq 2 ] &&
  [ "$(fdtget -l out.dtb /chosen | grep 'domU1\|second' | head -n 1)" = domU1 ] || fail "the domains' order"

# The SMMU and who is behind it: Linux's names, QEMU's interrupts.
smmu() {
  "$trapwalk" run --kernel kernel --dump-dtb out.dtb "$@" || fail "$*: status $?"
}
smmu --smmu v3
has /smmuv3@9050000 compatible arm,smmu-v3 s
has /smmuv3@9050000 reg '0 9050000 0 20000'
has /smmuv3@9050000 interrupts '0 4a 1 0 4b 1 0 4c 1 0 4d 1'
has /smmuv3@9050000 interrupt-names 'eventq priq cmdq-sync gerror' s
has /smmuv3@9050000 '#iommu-cells' 1
has /smmuv3@9050000 dma-coherent ''
handle=$(fdtget -t x out.dtb /smmuv3@9050000 phandle)
has /pcie@10000000 iommu-map "0 $handle 0 10000"
has /pcie@10000000 ats-supported ''
has /virtio_mmio@a000000 iommus "$handle 10000"
has /virtio_mmio@a003e00 iommus "$handle 1001f"
smmu --smmu v3,msi=on --gic 3
has /smmuv3@9050000 msi-parent "$(fdtget -t x out.dtb /intc@8000000/its@8080000 phandle) ffff"
smmu --smmu v3,msi=on --gic 2
has /smmuv3@9050000 msi-parent "$(fdtget -t x out.dtb /intc@8000000/v2m@8020000 phandle)"
smmu --smmu v3,only=pci
has /pcie@10000000 iommu-map "0 $handle 0 10000"
fdtget -p out.dtb /virtio_mmio@a000000 | grep -q iommus && fail "virtio-mmio is behind an SMMU of PCIe only"
smmu --smmu none
fdtget -l out.dtb / | grep -q smmu && fail "an SMMU that nobody asked for"
fdtget -p out.dtb /pcie@10000000 | grep -q iommu-map && fail "an iommu-map without an SMMU"
[ $failures -eq 0 ]
