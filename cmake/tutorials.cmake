# Tutorials whose files are programs: taken out of the page, so that they are built and run as they are read.
set(TW_DEVICE_TUTORIAL ${CMAKE_BINARY_DIR}/tutorials/adding-a-device)
set(page ${PROJECT_SOURCE_DIR}/docs/tutorials/adding-a-device.md)
set(take_out ${PROJECT_SOURCE_DIR}/tests/tutorials/files_of.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page} ${take_out})
find_package(Python3 REQUIRED COMPONENTS Interpreter)
execute_process(COMMAND ${Python3_EXECUTABLE} ${take_out} ${page} ${TW_DEVICE_TUTORIAL} COMMAND_ERROR_IS_FATAL ANY)
