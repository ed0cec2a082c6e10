# Runs that must not differ (invariance.py), over guest programs and both fidelities.
foreach(fidelity functional timed)
  foreach(program hypervisor_tagged hypervisor_flush exceptions el0 gic timers tlb)
    add_test(NAME invariance_${fidelity}_${program}
             COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/invariance/invariance.py $<TARGET_FILE:trapwalk>
                     ${CMAKE_BINARY_DIR}/guests/${program}.elf ${fidelity})
    set_tests_properties(invariance_${fidelity}_${program} PROPERTIES LABELS guest TIMEOUT 600)
  endforeach()
endforeach()
