# Each test_<name>.py is the ctest python_<name>. Matplotlib keeps what it knows of fonts in a folder of each test: where
# several find none of it, they wait for one another's, for five seconds at most.
if(NOT TARGET _trapwalk)
  message(WARNING "tests: the Python package is not built; its tests are left out")
  return()
endif()
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/test_*.py)
if(NOT TARGET trapwalk)  # without SystemC: what needs no command
  list(FILTER files INCLUDE REGEX "/test_(config|miss_curve|miss_shares|mmu|package|replay|structures|stubs|trace).py$")
endif()
foreach(file ${files})
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE "test_" "python_" name ${name})
  add_test(NAME ${name} COMMAND ${TW_PYTHON} -m pytest -q -p no:cacheprovider ${file})
  set_tests_properties(${name} PROPERTIES LABELS python TIMEOUT ${TW_HANGS}
    ENVIRONMENT "PYTHONPATH=${CMAKE_BINARY_DIR}/python;PYTHONDONTWRITEBYTECODE=1;MPLBACKEND=Agg;MPLCONFIGDIR=${CMAKE_BINARY_DIR}/matplotlib/${name};TRAPWALK=${CMAKE_BINARY_DIR}/bin/trapwalk;TRAPWALK_BUILD=${CMAKE_BINARY_DIR};${TW_PYTHON_ENVIRONMENT}")
endforeach()
add_test(NAME python_types COMMAND ${TW_PYTHON} -m mypy --config-file ${PROJECT_SOURCE_DIR}/python/mypy.ini
  --cache-dir ${CMAKE_BINARY_DIR}/mypy ${PROJECT_SOURCE_DIR}/python/trapwalk)
set_tests_properties(python_types PROPERTIES LABELS python TIMEOUT ${TW_HANGS})
