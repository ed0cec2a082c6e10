# Runs that must not differ (invariance.py), over guest programs, both fidelities, and the pipeline models with caches.
foreach(fidelity functional timed)
  foreach(program hypervisor_tagged hypervisor_flush exceptions el0 gic timers tlb)
    add_test(NAME invariance_${fidelity}_${program}
             COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/invariance.py $<TARGET_FILE:trapwalk>
                     ${CMAKE_BINARY_DIR}/guests/${program}.elf ${fidelity})
    set_tests_properties(invariance_${fidelity}_${program} PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
  endforeach()
endforeach()
foreach(model in-order out-of-order)
  foreach(program hypervisor_tagged exceptions gic pmu)
    add_test(NAME invariance_${model}_${program}
             COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/invariance.py $<TARGET_FILE:trapwalk>
                     ${CMAKE_BINARY_DIR}/guests/${program}.elf timed --set core.pipeline.model=${model}
                     --set cache.enabled=true)
    set_tests_properties(invariance_${model}_${program} PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
  endforeach()
endforeach()

# The same where fabric and DRAM make accesses wait.
add_test(NAME invariance_timed_dram
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/invariance.py $<TARGET_FILE:trapwalk>
                 ${CMAKE_BINARY_DIR}/guests/hypervisor_tagged.elf timed --set interconnect.contention=true --config
                 ${PROJECT_SOURCE_DIR}/platforms/memory/ddr4-2400.toml)
set_tests_properties(invariance_timed_dram PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})

# With an SMMU and endpoints: stalls, ATS, page requests, faults of every kind.
add_test(NAME invariance_timed_smmu_faults
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/invariance.py $<TARGET_FILE:trapwalk>
                 ${CMAKE_BINARY_DIR}/guests/smmu_faults.elf timed --smmu v3
                 --device edu,dma_mask=0xffffffffffffffff,ats=on,pri=on,pasid=on --device edu,dma_mask=0xffffffffffffffff)
set_tests_properties(invariance_timed_smmu_faults PROPERTIES LABELS "guest;long" TIMEOUT ${TW_HANGS})

# Points that share one boot (fork_points.py), from the reset and from a mark behind a functional stretch.
foreach(begin "--fidelity;timed" "--timed-from;vmid:any")
  list(GET begin 1 name)
  string(REPLACE ":" "_" name ${name})
  add_test(NAME invariance_fork_points_${name}
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/fork_points.py $<TARGET_FILE:trapwalk>
                   ${CMAKE_BINARY_DIR}/guests/hypervisor_tagged.elf ${begin})
  set_tests_properties(invariance_fork_points_${name} PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
endforeach()

# Firmware that runs from flash, and asks it what it is between reads as memory (shortcuts.py).
add_test(NAME invariance_timed_flash
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/shortcuts.py $<TARGET_FILE:trapwalk>
                 --bios /usr/lib/u-boot/qemu_arm64/u-boot.bin --serial none --timed-from instructions:31400000
                 --max-instructions 32000000)
set_tests_properties(invariance_timed_flash PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})

# Ghosts (ghosts.py): the guests' loads under stage 1 alone and under both stages, without what they print of time.
add_test(NAME ghosts_walks
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/ghosts.py $<TARGET_FILE:trapwalk>
                 ${CMAKE_BINARY_DIR}/guests/validation_walks.elf --timed-from symbol:guest_main --timed-until symbol:leave
                 --timed-repeat)
set_tests_properties(ghosts_walks PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
add_test(NAME ghosts_smmu
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/smmu_ghosts.py $<TARGET_FILE:trapwalk>)
set_tests_properties(ghosts_smmu PROPERTIES LABELS invariance TIMEOUT ${TW_HANGS})
# What software owes the MMU (contract.py): one program does each wrong once.
function(tw_contract_test program)
  add_test(NAME contract_${program}
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/contract.py $<TARGET_FILE:trapwalk>
                   ${CMAKE_BINARY_DIR}/guests/${program}.elf ${ARGN})
  set_tests_properties(contract_${program} PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
endfunction()
tw_contract_test(contract break-before-make=1 stale-translation=1 tlbi-before-dsb=1 use-before-dsb=1 vmid-reuse=1
                 asid-reuse=1)
foreach(program hypervisor_tagged hypervisor_flush exceptions el0)
  tw_contract_test(${program})
endforeach()

# Runs that another process controls (controlled.py).
function(tw_controlled_test name program)
  add_test(NAME controlled_${name}
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/controlled.py $<TARGET_FILE:trapwalk>
                   ${CMAKE_BINARY_DIR}/guests/${program}.elf ${ARGN})
  set_tests_properties(controlled_${name} PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
endfunction()
tw_controlled_test(functional hypervisor_tagged)
tw_controlled_test(timed hypervisor_tagged --fidelity timed)
tw_controlled_test(out_of_order hypervisor_tagged --fidelity timed --set core.pipeline.model=out-of-order --set cache.enabled=true)
tw_controlled_test(region hypervisor_tagged --timed-from vmid:any --warm-up 1000)
tw_controlled_test(sampled hypervisor_tagged --sample period:100000,warm:2000,measure:2000)
tw_controlled_test(two_cores validation_ipi --smp 2)
tw_controlled_test(two_cores_timed validation_ipi --smp 2 --fidelity timed --gic 3)
tw_controlled_test(events hypervisor_tagged --fidelity timed --events kinds=all,sample=10000)
