# docs/tutorials/adding-a-device.md: its files (cmake/tutorials.cmake), built and run.
add_executable(tutorial_doorbell ${TW_DEVICE_TUTORIAL}/main.cpp ${TW_DEVICE_TUTORIAL}/doorbell.cpp)
target_include_directories(tutorial_doorbell PRIVATE ${TW_DEVICE_TUTORIAL})
target_link_libraries(tutorial_doorbell PRIVATE tw_command)
add_test(NAME tutorial_adding_a_device
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/tutorials/adding_a_device.py
                 $<TARGET_FILE:tutorial_doorbell> $<TARGET_FILE:trapwalk> ${CMAKE_BINARY_DIR}/guests/tutorial_ring.elf)
set_tests_properties(tutorial_adding_a_device PROPERTIES LABELS tutorial TIMEOUT 120)
