# The page of a report in a browser.
add_test(NAME report_page COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/report/page.py $<TARGET_FILE:trapwalk> ${PROJECT_SOURCE_DIR})
set_tests_properties(report_page PROPERTIES LABELS report SKIP_RETURN_CODE 77 TIMEOUT 600)
