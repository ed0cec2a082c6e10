# The DMA study against closed formulas.
add_test(NAME dma_study_closed_forms
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/study/closed_forms.py $<TARGET_FILE:trapwalk>)
set_tests_properties(dma_study_closed_forms PROPERTIES LABELS timing TIMEOUT ${TW_HANGS})

# Traces without a CPU.
if(TARGET tw_replay)
  add_test(NAME replay COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/study/replay.py $<TARGET_FILE:trapwalk>)
  set_tests_properties(replay PROPERTIES LABELS guest SKIP_RETURN_CODE 77 TIMEOUT ${TW_HANGS})
  # Google's protobuf is a package of Debian's Python.
  add_test(NAME replay_importers COMMAND $<IF:$<BOOL:${TW_PYTHON}>,${TW_PYTHON},${Python3_EXECUTABLE}>
                                 ${CMAKE_CURRENT_SOURCE_DIR}/study/importers.py $<TARGET_FILE:trapwalk> ${PROJECT_SOURCE_DIR}/traces)
  set_tests_properties(replay_importers PROPERTIES LABELS guest SKIP_RETURN_CODE 77 TIMEOUT ${TW_HANGS})
endif()
