# Real software, unmodified, to a milestone on its console; and what `trapwalk run` does with bad input.
function(tw_software_test name script)
  add_test(NAME ${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/software/${script} $<TARGET_FILE:trapwalk> ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS software SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()

tw_software_test(software_uboot_functional uboot.sh)
tw_software_test(software_uboot_timed uboot.sh --fidelity timed)
tw_software_test(software_uboot_smp uboot.sh --smp 4)
tw_software_test(software_uboot_el1 uboot.sh --set core.el2=false)
tw_software_test(software_uboot_quantum quantum.sh)
tw_software_test(software_smp smp.sh)
tw_software_test(command_bad_input bad_input.sh)
set_tests_properties(command_bad_input PROPERTIES LABELS command)
