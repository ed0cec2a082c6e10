#!/bin/sh
# Everything that a user can get wrong: one clear message, exit status 2, nothing half-written.
# Usage: bad_input.sh TRAPWALK
trapwalk=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

# expect STATUS PATTERN ARGUMENTS…
expect() {
  status=$1
  pattern=$2
  shift 2
  timeout 600 "$trapwalk" "$@" </dev/null >stdout 2>stderr
  got=$?
  if [ $got -ne "$status" ] || ! grep -q -- "$pattern" stderr; then
    echo "FAILED: trapwalk $*: status $got, expected $status and '$pattern'; it said:"
    cat stderr
    failures=$((failures + 1))
  fi
}

printf 'abcdefgh' >small
printf '\177ELF' >short.elf
cp "$trapwalk" other.elf
printf '[core\nmodel = "cortex-a57"\n' >broken.toml
printf '[core.cost]\nlaod = 3\n' >unknown.toml
printf 'not a device tree, but long enough to hold the header of one' >text.dtb
: >empty

expect 2 'nothing to run' run
expect 2 'file descriptor 99 is not open' run --control-fd 99
expect 2 'give a socket' run --control-fd 0
expect 2 'one of the two' run --control-fd 99 --fork-points x.json
expect 2 'no command' walk
expect 2 'did you mean "run"' rnu
expect 2 'did you mean "replay"' help repaly
expect 2 'did you mean "--version"' --versoin
expect 2 'did you mean "--kernel"' run --kernl x
expect 2 'did you mean "--kernel"' run -kernel x
expect 2 "'x' belongs to no option" run x --kernel y
expect 2 'option .--kernel. is missing' run --kernel
expect 2 'did you mean "--ghost"' run --platform dma-study --ghots smmu.tlb=entries:64
expect 2 'did you mean "--placeholders"' parameters --placeholder
expect 2 'did you mean "--html"' report --htlm a.html a.json
expect 2 'did you mean "--json"' compare --jsno a.json b.json
expect 2 'trapwalk software get' software
expect 2 '^--kernel missing: No such file' run --kernel missing
expect 2 '^--bios missing: No such file' run --bios missing
expect 2 '^--pflash missing: No such file' run --pflash missing
expect 2 '^--initrd missing: No such file' run --kernel small --initrd missing
expect 2 '^--dtb missing: No such file' run --kernel small --dtb missing
expect 2 '^--load missing: No such file' run --kernel small --load missing@0x40100000
expect 2 '^--config missing.toml: no such file' run --kernel small --config missing.toml
expect 2 '^--config missing.toml: no such file' run --platform dma-study --config missing.toml
expect 2 '^--config missing.toml: no such file' parameters --config missing.toml
expect 2 '^--config missing.toml: no such file' replay small --config missing.toml
expect 2 '^--symbols missing: No such file' run --kernel small --timed-from symbol:main --symbols missing
expect 2 '^--hypervisor missing: No such file' run --hypervisor missing --kernel small
expect 2 '^--kernel missing: No such file' run --hypervisor small --kernel missing
expect 2 '^--initrd missing: No such file' run --hypervisor small --kernel small --initrd missing
expect 2 '^--kernel missing: No such file' run --bios small --kernel missing
expect 2 '^--initrd missing: No such file' run --bios small --kernel small --initrd missing
expect 2 'empty' run --kernel empty
expect 2 'directory' run --kernel .
expect 2 '^--kernel short.elf: .*truncated' run --kernel short.elf
expect 2 'not for AArch64' run --kernel other.elf
expect 2 'overlaps' run --kernel small --load small@0x40080004
expect 2 'not in memory' run --kernel small --load small@0x20000000
expect 2 'FILE@ADDRESS' run --kernel small --load small
expect 2 'not an address' run --kernel small --load small@here
expect 2 'no device tree' run --kernel small --dtb text.dtb
expect 2 'core.cost.load' run --kernel small --set core.cost.laod=3
expect 2 'core.cost.load' run --kernel small --config unknown.toml
expect 2 'broken.toml:' run --kernel small --config broken.toml
expect 2 'core.frequency' run --kernel small --set core.frequency=0
expect 2 '--memory' run --kernel small --memory lots
expect 2 '--max-time' run --kernel small --max-time 5
expect 2 '--smp' run --kernel small --smp 9
expect 2 '--gic' run --kernel small --gic 4
expect 2 'neither none nor v3' run --kernel small --smmu v2
expect 2 'did you mean "only"' run --kernel small --smmu v3,onyl=pci
expect 2 'pci is the only one' run --kernel small --smmu v3,only=usb
expect 2 'did you mean "mmu-600-like"' run --kernel small --smmu v3,model=mmu-601-like
expect 2 'smmu.pa_bits' run --kernel small --smmu v3 --set smmu.pa_bits=33
expect 2 'there is no SMMU' run --kernel small --ghost smmu.tlb=entries:64
expect 2 'did you mean "smmu.tlb"' run --kernel small --ghost smmu.tbl=entries:64
expect 2 'did you mean "traps"' run --kernel small --events kinds=trap+dma
expect 2 'did you mean "limit"' run --kernel small --events limits=3
expect 2 'from 1 to' run --kernel small --events limit=0
expect 2 'first or last' run --kernel small --events keep=all
expect 2 '^--perfetto no/such/folder.json: .*there is no folder' run --kernel small --perfetto no/such/folder.json
expect 2 'does not go with --html' report --perfetto trace.json --html page.html small
expect 2 'message needs smmu.msi' run --platform dma-study --set traffic.requests=1 --set study.translation=nested --set smmu.msi=false
expect 2 'range needs' run --platform dma-study --set traffic.requests=1 --set study.translation=nested --set study.command=range --set smmu.range_invalidation=false
expect 2 '--serial' run --kernel small --serial modem
expect 2 '--type' run --kernel small --type nothing
expect 2 '--report' run --kernel small --report report.pdf
expect 2 'no option is called' run --kernel small --cpus 2
expect 2 'did you mean "dma-study"' run --platform dma-studi
expect 2 'did you mean "virt"' parameters --platform vitr
expect 2 'would never end' run --platform dma-study
expect 2 'no option is called' run --platform dma-study --kernel small
expect 2 'study.leaf' run --platform dma-study --set study.leef=4096
expect 2 'has no leaves of 8192' run --platform dma-study --set study.leaf=8192
expect 2 '--report' run --platform dma-study --set traffic.requests=1 --report report.pdf
expect 2 'master1.traffic.stream_first: its streams' run --platform dma-study --set traffic.requests=1 --set study.masters=2 --set master1.traffic.stream_first=0x100
expect 2 'traffic.may_stall' run --platform dma-study --set traffic.requests=1 --set study.faults=stall
expect 2 'memory.size' run --platform dma-study --set traffic.requests=1 --set memory.size=1M
expect 2 'cortex-a57' run --kernel small --cpu cortex-a75
expect 2 'one of the two' run --pflash small --bios small
expect 2 'two banks' run --pflash small --pflash small --pflash small
expect 2 'did you mean "readonly"' run --pflash small,readonlu
expect 2 'nothing would ever change' run --pflash small,readonly,snapshot=off
expect 2 'is not FILE' run --pflash ,readonly
expect 2 'need --hypervisor' run --kernel small --domain kernel=small
expect 2 'nothing to run' run --hypervisor small
expect 2 'has no kernel' run --hypervisor small --domain name=guest
expect 2 'did you mean "kernel"' run --hypervisor small --domain kernal=small
expect 2 'memory' run --hypervisor small --domain kernel=small,memory=lots
expect 2 '1 to 8' run --hypervisor small --domain kernel=small,cpus=0
expect 2 'name=' run --hypervisor small --domain kernel=small,name=a/b
expect 2 'two are called guest' run --hypervisor small --domain kernel=small,name=guest --domain kernel=small,name=guest
expect 2 '^--domain kernel missing: No such file' run --hypervisor small --domain kernel=missing
expect 2 '^--domain initrd missing: No such file' run --hypervisor small --domain kernel=small,initrd=missing
expect 2 'needs EL2' run --hypervisor small --kernel small --set core.el2=false
expect 2 'one of the two' run --hypervisor small --kernel small --bios small
expect 2 '^--report no/such/folder/report.json: cannot be written' run --kernel small --max-instructions 10 --report no/such/folder/report.json

# Disks, networks, consoles.
head -c 1000 /dev/zero >odd
expect 2 'none.img cannot be read: No such file' run --kernel small --drive none.img
expect 2 'is a directory' run --kernel small --drive .
expect 2 'is empty' run --kernel small --drive empty
expect 2 'no multiple of 512' run --kernel small --drive odd
expect 2 'names no file' run --kernel small --drive file=,readonly
expect 2 'snapshot=.no.: on or off' run --kernel small --drive odd,snapshot=no
expect 2 'did you mean "snapshot"' run --kernel small --drive odd,snapshto=on
expect 2 'raw is the only one' run --kernel small --drive odd,format=qcow2
expect 2 'none of user, hub, none' run --kernel small --netdev tap
expect 2 'did you mean "restrict"' run --kernel small --netdev user,restricted=on
expect 2 'beyond the loopback interface' run --kernel small --netdev user,hostfwd=tcp:0.0.0.0:8080-:80
expect 2 '--netdev' run --kernel small --netdev user,hostfwd=8080-80
expect 2 'neither edu nor pl330' run --kernel small --device e1000
expect 2 'did you mean "pl330"' run --kernel small --device pl30
expect 2 'there is one pl330' run --kernel small --device pl330 --device pl330
expect 2 'is no power of two' run --kernel small --set device.pl330.data_width=96
expect 2 'did you mean "dma_mask"' run --kernel small --device edu,dma_mas=1
expect 2 "addr='20'" run --kernel small --device edu,addr=20
expect 2 'addr=03 is taken' run --kernel small --device edu,addr=3 --device edu,addr=03.0
expect 2 'needs ats=on' run --kernel small --device edu,pri=on
expect 2 '--virtio-console' run --kernel small --virtio-console modem
expect 2 'both are stdio' run --kernel small --virtio-console stdio

# Places: a RAM too small for the kernel, for the ramdisk, and for the device tree behind it.
head -c 3000000 /dev/zero >large
expect 2 'does not fit into RAM' run --kernel large --memory 2M
expect 2 'large.*does not fit into RAM' run --kernel small --initrd large --memory 4M
expect 2 'memory.size' run --kernel small --memory 1K
expect 2 '^--serial: no/such/file cannot be written' run --kernel small --serial file:no/such/file
expect 2 '^--record no/such/file: cannot be written' run --kernel small --record no/such/file
expect 2 'is not a TCP port' run --kernel small --serial socket:0

# All that is wrong with the parameters comes at once.
expect 2 'mmu.l2.entries' run --kernel small --set mmu.l2.ways=3 --set core.cost.laod=3
grep -q 'core.cost.load' stderr || { echo "FAILED: only one of two complaints"; failures=$((failures + 1)); }
expect 2 'mmu.l2.entries' parameters --set mmu.l2.ways=3

# Garbage as a program runs into architectural faults, not into the simulator's.
python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(1).randbytes(65536))' >garbage.bin
expect 3 'stuck' run --kernel small --max-instructions 1000000 --serial none
expect 3 'stopped' run --kernel garbage.bin --max-instructions 1000000 --serial none
expect 3 'max-time' run --bios garbage.bin --max-time 100us --serial none

ls | grep -q 'part$\|report' && echo "FAILED: something half-written stayed" && failures=$((failures + 1))
[ $failures -eq 0 ]
