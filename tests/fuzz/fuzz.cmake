# libFuzzer programs, one a source file here. In a fuzz build (preset "fuzz") each runs for some thousand inputs of a
# fixed seed; in any other build one long test makes a fuzz build next to it and does the same (smoke.sh).

if(NOT TW_FUZZ)
  add_test(NAME fuzz COMMAND ${CMAKE_CURRENT_LIST_DIR}/smoke.sh ${PROJECT_SOURCE_DIR} ${CMAKE_BINARY_DIR}/fuzz)
  set_tests_properties(fuzz PROPERTIES LABELS long SKIP_RETURN_CODE 77 TIMEOUT 3600)
  return()
endif()

add_custom_target(fuzzers)

# tw_fuzzer(NAME RUNS LONGEST-INPUT LIBRARIES…): NAME.cpp, with LLVMFuzzerTestOneInput.
function(tw_fuzzer name runs longest)
  add_executable(fuzz_${name} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${name}.cpp)
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(fuzz_${name} PRIVATE ${ARGN})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers fuzz_${name})
  add_test(NAME fuzz_${name} COMMAND fuzz_${name} -runs=${runs} -seed=1 -max_len=${longest} -len_control=0
                                     -timeout=20 -rss_limit_mb=4096)
  set_tests_properties(fuzz_${name} PROPERTIES LABELS long TIMEOUT 600)
endfunction()

tw_fuzzer(a64 5000 512 tw_cpu)
tw_fuzzer(walker 100000 512 tw_vmsa)
tw_fuzzer(tlbi 20000 128 tw_mmu)
tw_fuzzer(smmu_streams 5000 256 tw_smmu)
tw_fuzzer(gic 5000 512 tw_gic)
tw_fuzzer(gic_v3 5000 1024 tw_gic)
tw_fuzzer(pci 5000 1024 tw_devices)
tw_fuzzer(virtio 20000 512 tw_devices)
tw_fuzzer(pl330 20000 512 tw_devices)
tw_fuzzer(smmu 5000 512 tw_smmu)
tw_fuzzer(toml 2000 16384 tw_config)
if(TARGET tw_trace)
  tw_fuzzer(trace 100000 512 tw_trace)
endif()
tw_fuzzer(report_json 5000 16384 tw_report)
if(TW_SYSTEMC)
  tw_fuzzer(elf 20000 512 tw_images)
  tw_fuzzer(device_tree 5000 16384 tw_device_tree fdt)
endif()
