# TLM-2.0 protocol tests. One simulation a process: the program has its own sc_main, which elaborates the bench once.
add_executable(tlm_protocol tlm/bench.cpp tlm/protocol.cpp tlm/direct_memory.cpp tlm/time.cpp tlm/timer.cpp tlm/virtio.cpp tlm/caches.cpp)
target_include_directories(tlm_protocol PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(tlm_protocol PRIVATE tw_interconnect_tlm tw_cache_tlm tw_memory_tlm tw_devices_tlm tw_timer_tlm tw_tlm GTest::gtest)
add_test(NAME tlm_protocol COMMAND tlm_protocol)
set_tests_properties(tlm_protocol PROPERTIES LABELS tlm TIMEOUT ${TW_HANGS} ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)

# Loaders and device tree: no SystemC in them, but they belong to the platform.
tw_test(unit_images unit unit/images tw_images tw_device_tree fdt)
tw_test(unit_software unit unit/software tw_software)

# Non-blocking transactions and the protocol checker, with a bench of their own.
add_executable(tlm_non_blocking tlm/at_bench.cpp tlm/at_fabric.cpp tlm/at_checker.cpp)
target_include_directories(tlm_non_blocking PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(tlm_non_blocking PRIVATE tw_interconnect_tlm tw_memory_tlm tw_tlm GTest::gtest)
add_test(NAME tlm_non_blocking COMMAND tlm_non_blocking)
set_tests_properties(tlm_non_blocking PROPERTIES LABELS tlm TIMEOUT ${TW_HANGS} ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)

# Traffic generators, one simulation.
add_executable(tlm_traffic tlm/traffic.cpp)
target_include_directories(tlm_traffic PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(tlm_traffic PRIVATE tw_devices_tlm tw_memory_tlm tw_tlm GTest::gtest)
add_test(NAME tlm_traffic COMMAND tlm_traffic)
set_tests_properties(tlm_traffic PROPERTIES LABELS tlm TIMEOUT ${TW_HANGS} ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)

# The shell of the SMMU.
add_executable(tlm_smmu tlm/smmu_bench.cpp tlm/smmu.cpp)
target_include_directories(tlm_smmu PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(tlm_smmu PRIVATE tw_smmu_tlm tw_interconnect_tlm tw_memory_tlm tw_tlm GTest::gtest)
add_test(NAME tlm_smmu COMMAND tlm_smmu)
set_tests_properties(tlm_smmu PROPERTIES LABELS tlm TIMEOUT ${TW_HANGS} ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)

# The PCIe endpoint, one simulation.
add_executable(tlm_endpoint tlm/endpoint.cpp)
target_include_directories(tlm_endpoint PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(tlm_endpoint PRIVATE tw_devices_tlm tw_tlm GTest::gtest)
add_test(NAME tlm_endpoint COMMAND tlm_endpoint)
set_tests_properties(tlm_endpoint PROPERTIES LABELS tlm TIMEOUT ${TW_HANGS} ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)

# The DMA controller with a memory that may hold transactions.
add_executable(tlm_pl330 tlm/pl330.cpp)
target_include_directories(tlm_pl330 PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(tlm_pl330 PRIVATE tw_devices_tlm tw_tlm GTest::gtest)
add_test(NAME tlm_pl330 COMMAND tlm_pl330)
set_tests_properties(tlm_pl330 PROPERTIES LABELS tlm TIMEOUT ${TW_HANGS} ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)
