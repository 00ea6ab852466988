# Warnings, optimisation and sanitizers, for every target.
add_compile_options(-Wall -Wextra -Wshadow -Wno-missing-field-initializers)
# Contraction would make results depend on what the compiler fuses; kernels ask for fused multiply-add by name.
add_compile_options(-ffp-contract=off)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")

if(BATCHWISE_SANITIZE)
  add_compile_options(-fsanitize=${BATCHWISE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1)
  add_link_options(-fsanitize=${BATCHWISE_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
