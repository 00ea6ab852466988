# Fuzzing: one libFuzzer program per *_fuzz.cpp, built by clang with address and undefined-behaviour sanitizers.
#   cmake -S . -B build-fuzz -DBATCHWISE_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang && ninja -C build-fuzz fuzz
#   build-fuzz/fuzz_npy -max_total_time=60 -rss_limit_mb=2560 -timeout=25 CORPUS
option(BATCHWISE_FUZZ "build the fuzz programs (needs clang)" OFF)
if(BATCHWISE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "BATCHWISE_FUZZ needs clang: configure with -DCMAKE_CXX_COMPILER=clang++. Got ${CMAKE_CXX_COMPILER_ID}.")
  endif()
  set(FUZZ_FLAGS -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -g -O1)
  file(GLOB_RECURSE FUZZ_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/base/*.cpp
       ${PROJECT_SOURCE_DIR}/src/formats/*.cpp ${PROJECT_SOURCE_DIR}/src/images/*.cpp)
  list(FILTER FUZZ_SOURCES EXCLUDE REGEX "_(test|fuzz)\\.cpp$")
  # The code under test is instrumented too, so it is built again apart from the folders' own objects.
  add_library(batchwise_fuzzed OBJECT EXCLUDE_FROM_ALL ${FUZZ_SOURCES})
  target_include_directories(batchwise_fuzzed PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  target_compile_options(batchwise_fuzzed PRIVATE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -g -O1)
  target_link_libraries(batchwise_fuzzed PUBLIC ${BATCHWISE_LIBRARIES_formats} ${BATCHWISE_LIBRARIES_images})
  add_custom_target(fuzz)
  file(GLOB_RECURSE FUZZ_TARGETS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/formats/*_fuzz.cpp ${PROJECT_SOURCE_DIR}/src/images/*_fuzz.cpp)
  foreach(source ${FUZZ_TARGETS})
    get_filename_component(stem ${source} NAME_WE)
    string(REGEX REPLACE "(.*)_fuzz" "fuzz_\\1" name ${stem})
    add_executable(${name} EXCLUDE_FROM_ALL ${source})
    target_compile_options(${name} PRIVATE ${FUZZ_FLAGS})
    target_link_options(${name} PRIVATE ${FUZZ_FLAGS})
    target_link_libraries(${name} PRIVATE batchwise_fuzzed)
    add_dependencies(fuzz ${name})
  endforeach()
endif()
