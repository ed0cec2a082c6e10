# docs/tutorials/adding-a-device.md: its files (cmake/tutorials.cmake), built and run.
add_executable(tutorial_doorbell ${TW_DEVICE_TUTORIAL}/main.cpp ${TW_DEVICE_TUTORIAL}/doorbell.cpp)
target_include_directories(tutorial_doorbell PRIVATE ${TW_DEVICE_TUTORIAL})
target_link_libraries(tutorial_doorbell PRIVATE tw_command)
add_test(NAME tutorial_adding_a_device
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/tutorials/adding_a_device.py
                 $<TARGET_FILE:tutorial_doorbell> $<TARGET_FILE:trapwalk> ${CMAKE_BINARY_DIR}/guests/tutorial_ring.elf)
set_tests_properties(tutorial_adding_a_device PROPERTIES LABELS tutorial TIMEOUT ${TW_HANGS})

# tw_tutorial(PAGE [LABELS …]): the other pages, whose blocks are Python and shell; or PAGE.ipynb, a notebook.
function(tw_tutorial page)
  if(NOT TARGET _trapwalk)
    return()
  endif()
  get_filename_component(stem ${page} NAME_WE)
  string(REPLACE "-" "_" name tutorial_${stem})
  if(page STREQUAL stem)
    string(APPEND page .md)
  endif()
  add_test(NAME ${name} COMMAND ${TW_PYTHON} ${PROJECT_SOURCE_DIR}/tests/tutorials/run.py
                                ${PROJECT_SOURCE_DIR}/docs/tutorials/${page})
  set_tests_properties(${name} PROPERTIES LABELS "tutorial;${ARGN}" TIMEOUT ${TW_HANGS} SKIP_RETURN_CODE 77
    ENVIRONMENT "PYTHONPATH=${CMAKE_BINARY_DIR}/python;PYTHONDONTWRITEBYTECODE=1;MPLCONFIGDIR=${CMAKE_BINARY_DIR}/matplotlib/${name};TRAPWALK=${CMAKE_BINARY_DIR}/bin/trapwalk;TRAPWALK_TRACES=${PROJECT_SOURCE_DIR}/traces;${TW_PYTHON_ENVIRONMENT}")
endfunction()
tw_tutorial(bringing-up-a-kernel long)
tw_tutorial(paging-methods)
tw_tutorial(iotlb)
tw_tutorial(first-trap-report)
tw_tutorial(two-vms-l2-tlb)
tw_tutorial(questions)
tw_tutorial(a-run-in-a-notebook.ipynb)
add_test(NAME tutorial_runner COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/tutorials/run_test.py)
set_tests_properties(tutorial_runner PROPERTIES LABELS tutorial TIMEOUT ${TW_HANGS})
