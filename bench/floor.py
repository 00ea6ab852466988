# The rate that the floor of a step is counted in: FLOPs per second of a large f32 matrix product.
import os
import subprocess


def ask(build):
    program = os.path.join(build, 'bench_matrix_product_rate')
    return float(subprocess.run([program], capture_output=True, text=True, check=True).stdout)
