# Installing: library, headers, CMake package, pkg-config file, program, man page, completions.
