# trapwalk run --gdb: packets of a client of our own, and gdb itself.
set(gdb_tests ${CMAKE_CURRENT_LIST_DIR})
# tw_gdb_test(NAME SCRIPT ARGUMENTS…)
function(tw_gdb_test name script)
  add_test(NAME gdb_${name} COMMAND ${Python3_EXECUTABLE} ${gdb_tests}/${script} ${ARGN})
  set_tests_properties(gdb_${name} PROPERTIES LABELS guest SKIP_RETURN_CODE 77 TIMEOUT ${TW_HANGS})
endfunction()

set(guests ${CMAKE_BINARY_DIR}/guests)
tw_gdb_test(protocol protocol.py $<TARGET_FILE:trapwalk> ${guests})
tw_gdb_test(unharmed unharmed.py $<TARGET_FILE:trapwalk> ${guests})
tw_gdb_test(bare_metal debugger.py bare_metal.py ${guests}/hypervisor_tagged.elf $<TARGET_FILE:trapwalk>
            --kernel ${guests}/hypervisor_tagged.elf)
tw_gdb_test(linux linux_names.py $<TARGET_FILE:trapwalk>)
set_tests_properties(gdb_linux PROPERTIES LABELS "software;long" TIMEOUT 1800)
