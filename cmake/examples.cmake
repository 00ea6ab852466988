# Examples, the programs that bench/ compares, and the tests that need the whole: package, documents, source rules.
file(GLOB examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.cpp)
foreach(source ${examples})
  get_filename_component(stem ${source} NAME_WE)
  add_executable(example_${stem} ${source})
  target_link_libraries(example_${stem} PRIVATE batchwise)
endforeach()

file(GLOB contestants CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*/batchwise.cpp)
foreach(source ${contestants})
  get_filename_component(folder ${source} DIRECTORY)
  get_filename_component(question ${folder} NAME)
  add_executable(bench_${question} ${source})
  target_link_libraries(bench_${question} PRIVATE batchwise)
  target_include_directories(bench_${question} PRIVATE ${PROJECT_SOURCE_DIR}/bench)
endforeach()

add_executable(bench_input_pipeline_floor ${PROJECT_SOURCE_DIR}/bench/input_pipeline/floor.cpp)
target_include_directories(bench_input_pipeline_floor PRIVATE ${PROJECT_SOURCE_DIR}/bench)
target_link_libraries(bench_input_pipeline_floor PRIVATE batchwise_jpeg Threads::Threads)

if(BATCHWISE_TESTS)
  add_test(NAME documents_show_what_is_compiled COMMAND python3 ${PROJECT_SOURCE_DIR}/tools/check_documents.py)
  add_test(NAME sources_keep_the_rules COMMAND python3 ${PROJECT_SOURCE_DIR}/tools/check_sources.py)
  add_test(NAME bench_compares_before_it_times COMMAND python3 ${PROJECT_SOURCE_DIR}/bench/bench_test.py)
  foreach(example callbacks fashion_mnist from_pytorch functional one_at_a_time own_layer own_loop own_objective pipeline sweep_generator transfer_learning)
    add_test(NAME example_${example} COMMAND example_${example})
  endforeach()
  add_test(NAME example_batch_size COMMAND example_batch_size --quick)
  add_test(NAME example_branch_probe COMMAND example_branch_probe --quick)
  add_test(NAME example_photos COMMAND example_photos ${PROJECT_SOURCE_DIR}/tests/golden/image-folder/photos
                                       ${PROJECT_BINARY_DIR}/photos-cache)
  add_test(NAME example_sweep_mnist COMMAND example_sweep_mnist ${PROJECT_SOURCE_DIR}/tests/golden 2 2)
  add_test(NAME example_sweep_photos COMMAND example_sweep_photos ${PROJECT_SOURCE_DIR}/tests/golden/image-folder/photos 2 1)
  add_test(NAME example_reviews COMMAND example_reviews ${PROJECT_SOURCE_DIR}/examples/reviews
                                        ${PROJECT_BINARY_DIR}/reviews.keras)
  # The sanitizers' run-time libraries would have to be linked into the outside program too.
  if(NOT BATCHWISE_SANITIZE)
    add_test(NAME an_outside_program_builds_against_the_installed_library
             COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -DSOURCE=${PROJECT_SOURCE_DIR} -DCXX=${CMAKE_CXX_COMPILER}
                     -DLIBDIR=${CMAKE_INSTALL_LIBDIR} -P ${PROJECT_SOURCE_DIR}/tests/package/run.cmake)
  endif()
endif()
