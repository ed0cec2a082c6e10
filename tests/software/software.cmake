# Real software, unmodified, to a milestone on its console; and what `trapwalk run` does with bad input.
function(tw_software_test name script)
  add_test(NAME ${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/software/${script} $<TARGET_FILE:trapwalk> ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS software SKIP_RETURN_CODE 77 TIMEOUT ${TW_HANGS})
endfunction()

# One test a row of boots.toml.
set(boots ${CMAKE_CURRENT_SOURCE_DIR}/software/boots.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${boots} ${CMAKE_CURRENT_SOURCE_DIR}/software/boots.toml)
execute_process(COMMAND ${Python3_EXECUTABLE} ${boots} --list OUTPUT_VARIABLE rows COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${rows}" rows)
string(REPLACE "\n" ";" rows "${rows}")
foreach(row ${rows})
  string(REPLACE " " ";" row "${row}")
  list(POP_FRONT row name seconds)  # what is left are the labels
  add_test(NAME software_${name} COMMAND ${Python3_EXECUTABLE} ${boots} $<TARGET_FILE:trapwalk> ${name})
  set_tests_properties(software_${name} PROPERTIES LABELS "software;${row}" SKIP_RETURN_CODE 77 TIMEOUT ${seconds})
endforeach()

# Traps counted here and by QEMU.
foreach(version 2 3)
  add_test(NAME software_trap_counts_gicv${version}
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/software/trap_counts.py $<TARGET_FILE:trapwalk> ${version})
  set_tests_properties(software_trap_counts_gicv${version} PROPERTIES LABELS "software;long" SKIP_RETURN_CODE 77 TIMEOUT 1800)
endforeach()

tw_software_test(software_uboot_quantum quantum.sh)
tw_software_test(software_uefi_flash uefi_flash.sh)
set_tests_properties(software_uefi_flash PROPERTIES LABELS "software;long" TIMEOUT ${TW_HANGS})
tw_software_test(software_secure secure.sh)
tw_software_test(software_tf_a_gicv2 tf_a.sh gicv2)
tw_software_test(software_tf_a_gicv3 tf_a.sh gicv3)
tw_software_test(software_secure_gicv3 secure.sh --gic 3)
set_tests_properties(software_tf_a_gicv2 software_tf_a_gicv3 PROPERTIES LABELS "software;long")
tw_software_test(software_uboot_virtio uboot_virtio.sh)
tw_software_test(software_uboot_virtio_smmu uboot_virtio.sh --smmu v3)
tw_software_test(software_dma_code dma_code.sh)
tw_software_test(software_smp smp.sh)
tw_software_test(software_el3 el3.sh)
tw_software_test(software_region region.sh ${CMAKE_BINARY_DIR}/guests/hypervisor_tagged.elf)
tw_software_test(software_marks marks.py)
tw_software_test(software_sampling sampling.py ${CMAKE_BINARY_DIR}/guests)
tw_software_test(command_console console.sh)
tw_software_test(command_bad_input bad_input.sh)
tw_software_test(command_boot_formats boot_formats.sh)
tw_software_test(command_device_tree device_tree.sh)
tw_software_test(command_fetch fetch.sh)
set_tests_properties(command_bad_input command_console command_boot_formats command_device_tree
                     command_fetch PROPERTIES LABELS command)
tw_software_test(software_linux_virtio linux_virtio.py)
tw_software_test(software_linux_ptrace linux_ptrace.py)
tw_software_test(software_linux_dmatest linux_dmatest.py)
tw_software_test(software_linux_dmatest_timed linux_dmatest.py --fidelity timed --smp 2 --gic 3)
# The same behind an SMMU: an invalidation for each unmapping, for many together, and no translation.
tw_software_test(software_linux_dmatest_smmu_strict linux_dmatest.py --linux iommu.strict=1 --smmu v3)
tw_software_test(software_linux_dmatest_smmu_lazy linux_dmatest.py --linux iommu.strict=0 --smmu v3 --gic 3
                 --set device.pl330.stream_per_channel=true)
tw_software_test(software_linux_dmatest_smmu_passthrough linux_dmatest.py --linux iommu.passthrough=1 --smmu v3)
set_tests_properties(software_linux_dmatest software_linux_dmatest_timed software_linux_dmatest_smmu_strict
                     software_linux_dmatest_smmu_lazy software_linux_dmatest_smmu_passthrough PROPERTIES LABELS "software;long" TIMEOUT 1800)
tw_software_test(software_linux_virtio_pci_gicv2 linux_virtio.py --bus pci)
tw_software_test(software_linux_virtio_pci_gicv3 linux_virtio.py --bus pci --gic 3 --smp 2)
set_tests_properties(software_linux_virtio software_linux_ptrace software_linux_virtio_pci_gicv2 software_linux_virtio_pci_gicv3
                     PROPERTIES LABELS "software;long")
# Behind the SMMU: every policy of Linux, both GICs, both kernels.
foreach(run "strict --gic 3" "lazy --gic 3" "passthrough --gic 3" "strict --gic 2" "strict --gic 3 --smmu v3,msi=on" "lazy --gic 3 --smp 4" "strict --cloud --gic 3" "lazy --backports --gic 3"
            "strict --gic 3 --smmu v3,model=mmu-600-like --set host.check_protocol=true")
  string(REPLACE " " ";" arguments "${run}")
  string(REGEX REPLACE "[^a-z0-9]+" "_" name "software_linux_smmu_${run}")
  tw_software_test(${name} linux_smmu.py ${arguments})
  set_tests_properties(${name} PROPERTIES LABELS "software;long" TIMEOUT ${TW_HANGS})
endforeach()
tw_software_test(software_perf_events perf_events.sh)
set_tests_properties(software_perf_events PROPERTIES LABELS "software;long" TIMEOUT 1900)
tw_software_test(software_debian debian.py)
tw_software_test(software_debian_smmu debian.py --smmu v3)
set_tests_properties(software_debian software_debian_smmu PROPERTIES LABELS "software;long" TIMEOUT 7200)
add_test(NAME command_status_lines COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/software/status_lines.py
                                          $<TARGET_FILE:trapwalk> ${CMAKE_BINARY_DIR}/guests/hypervisor_tagged.elf)
set_tests_properties(command_status_lines PROPERTIES LABELS command TIMEOUT ${TW_HANGS})
