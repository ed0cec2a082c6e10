# The DMA study against closed formulas.
add_test(NAME dma_study_closed_forms
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/study/closed_forms.py $<TARGET_FILE:trapwalk>)
set_tests_properties(dma_study_closed_forms PROPERTIES LABELS timing TIMEOUT 300)
