# The page of a report in a browser.
add_test(NAME report_page COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/report/page.py $<TARGET_FILE:trapwalk> ${PROJECT_SOURCE_DIR})
set_tests_properties(report_page PROPERTIES LABELS report SKIP_RETURN_CODE 77 TIMEOUT ${TW_HANGS})

# The events of whole runs (events.py): against the report's sums, and as a trace for Perfetto.
function(tw_events_test name program)
  add_test(NAME events_${name}
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/report/events.py $<TARGET_FILE:trapwalk>
                   ${CMAKE_BINARY_DIR}/guests/${program}.elf ${ARGN})
  set_tests_properties(events_${name} PROPERTIES LABELS "report;guest" TIMEOUT ${TW_HANGS})
endfunction()
tw_events_test(functional hypervisor_tagged)
tw_events_test(timed hypervisor_flush --fidelity timed)
tw_events_test(gic gic --fidelity timed)
tw_events_test(out_of_order exceptions --fidelity timed --cpu cortex-a72)
add_test(NAME events_dma_study
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/report/events.py $<TARGET_FILE:trapwalk> dma-study
                 --set traffic.requests=2000 --set study.masters=2 --set study.translation=nested)
set_tests_properties(events_dma_study PROPERTIES LABELS report TIMEOUT ${TW_HANGS})
tw_events_test(dma dma_methods --smmu v3 --device edu,dma_mask=0xffffffff)
