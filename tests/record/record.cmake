# trapwalk run --record: known sequences of a guest that says them itself, reports that do not differ, what goes wrong.
if(TARGET tw_record)
  tw_test(unit_record unit unit/record tw_record_plain)
  add_test(NAME record COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/record.py $<TARGET_FILE:trapwalk>
                               ${CMAKE_BINARY_DIR}/guests)
  set_tests_properties(record PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
  add_test(NAME record_dma_replay COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/dma_replay.py $<TARGET_FILE:trapwalk>
                                          ${CMAKE_BINARY_DIR}/guests)
  set_tests_properties(record_dma_replay PROPERTIES LABELS guest TIMEOUT ${TW_HANGS})
  add_test(NAME record_dma_replay_linux COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/dma_replay.py
                                                $<TARGET_FILE:trapwalk> --linux)
  set_tests_properties(record_dma_replay_linux PROPERTIES LABELS "software;long" SKIP_RETURN_CODE 77 TIMEOUT 1800)
endif()
