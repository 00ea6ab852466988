# Installing: library, headers, CMake package, pkg-config file, program, man page, completions.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS batchwise EXPORT batchwiseTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/batchwise DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${PROJECT_BINARY_DIR}/include/batchwise DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/batchwise)
install(EXPORT batchwiseTargets NAMESPACE batchwise:: DESTINATION ${package_folder})
configure_package_config_file(cmake/batchwiseConfig.cmake.in ${PROJECT_BINARY_DIR}/batchwiseConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/batchwiseConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/batchwiseConfig.cmake ${PROJECT_BINARY_DIR}/batchwiseConfigVersion.cmake
        DESTINATION ${package_folder})

file(RELATIVE_PATH prefix_from_pkgconfig /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/batchwise.pc.in ${PROJECT_BINARY_DIR}/batchwise.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/batchwise.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET batchwise_program)
  file(RELATIVE_PATH library_from_program /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  set_target_properties(batchwise_program PROPERTIES INSTALL_RPATH "$ORIGIN/${library_from_program}")
  install(TARGETS batchwise_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
foreach(pair "man/batchwise.1:${CMAKE_INSTALL_MANDIR}/man1" "completions/batchwise.bash:${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
             "completions/_batchwise:${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 file)
  list(GET pair 1 folder)
  if(EXISTS ${PROJECT_SOURCE_DIR}/share/${file})
    if(file MATCHES "\\.bash$")
      install(FILES share/${file} DESTINATION ${folder} RENAME batchwise)
    else()
      install(FILES share/${file} DESTINATION ${folder})
    endif()
  endif()
endforeach()
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
