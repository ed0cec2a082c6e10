# Differential tests against Unicorn, and the rows' names against Capstone. Without them they are skipped, aloud.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(UNICORN QUIET IMPORTED_TARGET unicorn)
  pkg_check_modules(CAPSTONE QUIET IMPORTED_TARGET capstone)
endif()
if(UNICORN_FOUND AND CAPSTONE_FOUND)
  tw_test(diff diff diff tw_cpu PkgConfig::UNICORN PkgConfig::CAPSTONE)
  # More than a million instructions a test, and another seed every day.
  string(TIMESTAMP today "%Y%m%d")
  add_test(NAME diff_nightly COMMAND diff --gtest_filter=*AgreesWithUnicorn:*AgreeWithUnicorn)
  set_tests_properties(diff_nightly PROPERTIES LABELS "diff;long" TIMEOUT 1800
                       ENVIRONMENT "TW_DIFF_INSTRUCTIONS=1000000;TW_SEED=${today}")
else()
  message(WARNING "Unicorn or Capstone is not installed: the differential tests are SKIPPED (scripts/install-dependencies.sh)")
  add_test(NAME diff COMMAND ${CMAKE_COMMAND} -E echo "SKIPPED: Unicorn or Capstone is not installed")
  set_tests_properties(diff PROPERTIES LABELS diff SKIP_REGULAR_EXPRESSION "SKIPPED")
endif()

# Traps of every register and SYS instruction under several settings of the controls, against QEMU.
if(TARGET trapwalk)
  add_test(NAME diff_trap_sweep
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/trap_sweep.py $<TARGET_FILE:trapwalk>)
  add_test(NAME diff_id_registers
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/id_registers.py $<TARGET_FILE:trapwalk>)
  set_tests_properties(diff_trap_sweep diff_id_registers PROPERTIES LABELS diff SKIP_RETURN_CODE 77 TIMEOUT ${TW_HANGS})
endif()

# The DMA controller against QEMU's, which its Zynq board has.
tw_test(diff_pl330 diff diff/pl330 tw_devices)
set_tests_properties(diff_pl330 PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED: qemu")
