# Installs to a temporary prefix, then builds and runs the outside program with find_package and with pkg-config:
# cmake -DBUILD=... -DSOURCE=... -DCXX=... -DLIBDIR=... -P run.cmake
set(prefix ${BUILD}/package-test/prefix)
set(outside ${BUILD}/package-test/outside)
file(REMOVE_RECURSE ${BUILD}/package-test)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nended with ${status}:\n${output}")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})

run(${CMAKE_COMMAND} -S ${SOURCE}/tests/package -B ${outside} -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CXX})
run(${CMAKE_COMMAND} --build ${outside})
run(${outside}/outside)

set(ENV{PKG_CONFIG_PATH} ${prefix}/${LIBDIR}/pkgconfig)
execute_process(COMMAND pkg-config --cflags --libs batchwise OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
run(${CXX} -std=c++20 ${SOURCE}/tests/package/outside.cpp -o ${outside}/by_pkg_config ${flags} -Wl,-rpath,${prefix}/${LIBDIR})
run(${outside}/by_pkg_config)

run(${prefix}/bin/batchwise --version)
foreach(file share/man/man1/batchwise.1 share/bash-completion/completions/batchwise share/zsh/site-functions/_batchwise)
  if(NOT EXISTS ${prefix}/${file})
    message(FATAL_ERROR "${file} was not installed")
  endif()
endforeach()
