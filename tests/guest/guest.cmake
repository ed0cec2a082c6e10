# Bare-metal programs of guests/: on QEMU alone, and on Trapwalk in both fidelities against QEMU (run_guest.sh).
set(run_guest ${CMAKE_CURRENT_LIST_DIR}/run_guest.sh)

# tw_guest_test(NAME COMMAND-ARGUMENTS… ): run_guest.sh's arguments; ENVIRONMENT for its variables.
function(tw_guest_test name)
  cmake_parse_arguments(arg "" "" "ARGUMENTS;ENVIRONMENT" ${ARGN})
  add_test(NAME ${name} COMMAND ${run_guest} ${arg_ARGUMENTS})
  set_tests_properties(${name} PROPERTIES LABELS guest SKIP_RETURN_CODE 77 TIMEOUT ${TW_HANGS}
                                          ENVIRONMENT "${arg_ENVIRONMENT}")
endfunction()

foreach(program hypervisor_tagged hypervisor_flush exceptions el0 debug gic timers tlb trace speed_short extensions
                validation_trap validation_switch validation_walks validation_stage2)
  set(elf ${CMAKE_BINARY_DIR}/guests/${program}.elf)
  set(cpu "GUEST_CPU=cortex-a57")
  if(program STREQUAL extensions)
    set(cpu "GUEST_CPU=neoverse-n1")
  endif()
  tw_guest_test(guest_qemu_${program} ARGUMENTS qemu ${elf} ENVIRONMENT ${cpu})
  if(TARGET trapwalk)
    foreach(fidelity functional timed)
      tw_guest_test(guest_${fidelity}_${program}
                    ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> --fidelity ${fidelity}
                    ENVIRONMENT ${cpu})
    endforeach()
  endif()
endforeach()

# Two cores that run guests at the same time.
set(elf ${CMAKE_BINARY_DIR}/guests/validation_ipi.elf)
if(TARGET trapwalk)
  foreach(fidelity functional timed)
    tw_guest_test(guest_${fidelity}_validation_ipi
                  ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> --fidelity ${fidelity}
                  ENVIRONMENT "GUEST_SMP=2;GUEST_ICOUNT=none")
  endforeach()
endif()

# With a GICv3, and a second core that is never started.
set(gicv3 "GUEST_GIC=3;GUEST_SMP=2")
set(elf ${CMAKE_BINARY_DIR}/guests/gicv3.elf)
tw_guest_test(guest_qemu_gicv3 ARGUMENTS qemu ${elf} ENVIRONMENT ${gicv3})
if(TARGET trapwalk)
  foreach(fidelity functional timed)
    tw_guest_test(guest_${fidelity}_gicv3 ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> --fidelity ${fidelity}
                  ENVIRONMENT ${gicv3})
  endforeach()
  tw_guest_test(guest_functional_gicv3_random
                ARGUMENTS trapwalk ${CMAKE_BINARY_DIR}/guests/gicv3_random.elf $<TARGET_FILE:trapwalk>
                ENVIRONMENT ${gicv3})
endif()

# Firmware at EL3; QEMU without EL2 leaves SMC alone.
set(elf ${CMAKE_BINARY_DIR}/guests/gicv3_secure.elf)
set(gicv3_secure "GUEST_GIC=3;GUEST_MACHINE=secure=on;GUEST_QEMU=-semihosting")
tw_guest_test(guest_qemu_gicv3_secure ARGUMENTS qemu ${elf} ENVIRONMENT ${gicv3_secure})
if(TARGET trapwalk)
  tw_guest_test(guest_functional_gicv3_secure
                ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> --semihosting --set core.el3=true
                          --set core.el2=false --set gic.security_extensions=true
                ENVIRONMENT ${gicv3_secure})
endif()

# A PCIe endpoint. QEMU's takes 100 ms of its own time for a transfer: an instruction is a microsecond there.
set(elf ${CMAKE_BINARY_DIR}/guests/edu.elf)
set(edu "GUEST_QEMU=-device edu,dma_mask=0xffffffff;GUEST_ICOUNT=shift=10,sleep=off")
tw_guest_test(guest_qemu_edu ARGUMENTS qemu ${elf} ENVIRONMENT ${edu})
if(TARGET trapwalk)
  foreach(fidelity functional timed)
    tw_guest_test(guest_${fidelity}_edu ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> --fidelity ${fidelity}
                                                  --device edu,dma_mask=0xffffffff
                  ENVIRONMENT ${edu})
  endforeach()
  # Behind an SMMU that nobody has switched on.
  tw_guest_test(guest_functional_edu_smmu ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> --smmu v3
                                                    --device edu,dma_mask=0xffffffff
                ENVIRONMENT ${edu})
endif()

# The DMA controller, which QEMU's virt has not; and behind an SMMU.
if(TARGET trapwalk)
  foreach(fidelity functional timed)
    tw_guest_test(guest_${fidelity}_pl330_smmu
                  ARGUMENTS alone ${CMAKE_BINARY_DIR}/guests/pl330_smmu.elf $<TARGET_FILE:trapwalk> --fidelity ${fidelity}
                            --device pl330 --smmu v3 --set host.check_protocol=true)
    tw_guest_test(guest_${fidelity}_pl330 ARGUMENTS alone ${CMAKE_BINARY_DIR}/guests/pl330.elf $<TARGET_FILE:trapwalk>
                                                    --fidelity ${fidelity} --device pl330 --set host.check_protocol=true)
  endforeach()
endif()

# The SMMU's faults: QEMU 10.0 of bookworm-backports is the oracle, where it is here; it is fetched once.
add_test(NAME guest_fetch_qemu COMMAND ${PROJECT_SOURCE_DIR}/scripts/fetch-qemu.sh)
set_tests_properties(guest_fetch_qemu PROPERTIES LABELS "guest;long" TIMEOUT ${TW_HANGS} FIXTURES_SETUP qemu_backports)
set(elf ${CMAKE_BINARY_DIR}/guests/smmu_faults.elf)
set(smmu "GUEST_BACKPORTS=1;GUEST_MACHINE=virtualization=on,iommu=smmuv3"
         "GUEST_UNSUPPORTED=${CMAKE_CURRENT_LIST_DIR}/smmu_unsupported.txt"
         "GUEST_QEMU=-global arm-smmuv3.stage=nested -device edu,dma_mask=0xffffffffffffffff -device edu,dma_mask=0xffffffffffffffff"
         "GUEST_ICOUNT=shift=10,sleep=off")
tw_guest_test(guest_qemu_smmu_faults ARGUMENTS qemu ${elf} ENVIRONMENT ${smmu})
set_tests_properties(guest_qemu_smmu_faults PROPERTIES LABELS "guest;long" FIXTURES_REQUIRED qemu_backports)
if(TARGET trapwalk)
  tw_guest_test(guest_functional_edu_backports ARGUMENTS trapwalk ${CMAKE_BINARY_DIR}/guests/edu.elf $<TARGET_FILE:trapwalk>
                                                         --device edu,dma_mask=0xffffffff
                ENVIRONMENT ${edu} GUEST_BACKPORTS=1)
  set_tests_properties(guest_functional_edu_backports PROPERTIES LABELS "guest;long" FIXTURES_REQUIRED qemu_backports)
endif()
# Here the program's expectations decide, QEMU or not: an endpoint with all capabilities, an SMMU of small structures too.
if(TARGET trapwalk)
  set(smmu_options --smmu v3 --device edu,dma_mask=0xffffffffffffffff,ats=on,pri=on,pasid=on
                   --device edu,dma_mask=0xffffffffffffffff)
  tw_guest_test(guest_functional_smmu_faults ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> ${smmu_options} ENVIRONMENT ${smmu})
  set_tests_properties(guest_functional_smmu_faults PROPERTIES LABELS "guest;long" FIXTURES_REQUIRED qemu_backports)
  foreach(fidelity functional timed)
    tw_guest_test(guest_${fidelity}_smmu_faults_alone
                  ARGUMENTS alone ${elf} $<TARGET_FILE:trapwalk> --fidelity ${fidelity} ${smmu_options})
  endforeach()
  tw_guest_test(guest_functional_smmu_faults_small
                ARGUMENTS alone ${elf} $<TARGET_FILE:trapwalk> ${smmu_options} --set smmu.tbu.entries=1 --set smmu.tlb.entries=4
                          --set smmu.walk_cache.entries=0 --set smmu.ipa.entries=0 --set smmu.ste.entries=0
                          --set smmu.cd.entries=0 --set device.endpoint.atc_entries=1)
endif()

# A DMA's ways to memory. Counts of hypercalls and commands, data, and that what is unmapped strictly cannot be reached.
set(elf ${CMAKE_BINARY_DIR}/guests/dma_methods_short.elf)
set(dma "GUEST_BACKPORTS=1;GUEST_MACHINE=virtualization=on,iommu=smmuv3"
        "GUEST_QEMU=-global arm-smmuv3.stage=nested -device edu,dma_mask=0xffffffff;GUEST_ICOUNT=shift=10,sleep=off")
tw_guest_test(guest_qemu_dma_methods ARGUMENTS qemu ${elf} ENVIRONMENT ${dma})
set_tests_properties(guest_qemu_dma_methods PROPERTIES LABELS "guest;long" FIXTURES_REQUIRED qemu_backports)
if(TARGET trapwalk)
  set(options --smmu v3 --device edu,dma_mask=0xffffffff)
  foreach(fidelity functional timed)
    tw_guest_test(guest_${fidelity}_dma_methods
                  ARGUMENTS alone ${elf} $<TARGET_FILE:trapwalk> --fidelity ${fidelity} ${options} ENVIRONMENT ${dma})
  endforeach()
  tw_guest_test(guest_compared_dma_methods ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> ${options}
                ENVIRONMENT ${dma})
  set_tests_properties(guest_compared_dma_methods PROPERTIES LABELS "guest;long" FIXTURES_REQUIRED qemu_backports)
endif()

set(elf ${CMAKE_BINARY_DIR}/guests/pmu.elf)
tw_guest_test(guest_qemu_pmu ARGUMENTS qemu ${elf})
if(TARGET trapwalk)
  foreach(fidelity functional timed)
    tw_guest_test(guest_${fidelity}_pmu ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> --fidelity ${fidelity})
  endforeach()
endif()

# Ends through SYS_EXIT with 42 instead of a power-off.
set(elf ${CMAKE_BINARY_DIR}/guests/semihosting.elf)
set(semihosting "GUEST_STATUS=42;GUEST_QEMU=-semihosting")
tw_guest_test(guest_qemu_semihosting ARGUMENTS qemu ${elf} ENVIRONMENT ${semihosting})
if(TARGET trapwalk)
  tw_guest_test(guest_functional_semihosting ARGUMENTS trapwalk ${elf} $<TARGET_FILE:trapwalk> --semihosting
                ENVIRONMENT ${semihosting})
endif()

# The comparison itself can fail: against a simulator that prints nothing.
add_test(NAME guest_comparison_fails COMMAND ${run_guest} trapwalk ${CMAKE_BINARY_DIR}/guests/exceptions.elf /bin/true)
set_tests_properties(guest_comparison_fails PROPERTIES LABELS guest SKIP_RETURN_CODE 77 WILL_FAIL TRUE)

# docs/validation.md: the rows that take no time to measure come out of the script; their values are not judged.
if(TARGET trapwalk AND Python3_EXECUTABLE)
  add_test(NAME guest_validation_rows
           COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/validate.py --build ${CMAKE_BINARY_DIR}
                   --only 1,1a,3,4,7 --output ${CMAKE_BINARY_DIR}/validation.md)
  set_tests_properties(guest_validation_rows PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
endif()

# Chains of loads against the parameters, to the cycle.
if(TARGET trapwalk)
  add_test(NAME guest_plateaus
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/plateaus.py $<TARGET_FILE:trapwalk>
                   ${CMAKE_BINARY_DIR}/guests/validation_plateaus.elf)
  set_tests_properties(guest_plateaus PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
endif()
