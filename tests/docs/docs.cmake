# What the pages claim, as far as a program can tell.
add_test(NAME docs_links COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/docs/links.py ${PROJECT_SOURCE_DIR})
add_test(NAME docs_commands COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/docs/commands.py
                                    $<TARGET_FILE:trapwalk> ${PROJECT_SOURCE_DIR})
set_tests_properties(docs_links docs_commands PROPERTIES LABELS docs TIMEOUT ${TW_HANGS})
# `trapwalk sweep` is Python: with what its module's sanitizer needs.
if(TW_PYTHON_ENVIRONMENT)
  set_tests_properties(docs_commands PROPERTIES ENVIRONMENT "${TW_PYTHON_ENVIRONMENT}")
endif()
