# The rate that the floor of a step is counted in: FLOPs per second of a large f32 matrix product, as TensorFlow's oneDNN makes it.
import os

import programs

# One core's rate times the cores: a product on all of them waits for whichever is busy with something else. The best of six,
# so that a busy moment does not raise the floor. (OpenBLAS and MKL leave AVX-512 unused on some processors.)
PROGRAM = '''
import os, time
os.environ.update(TF_ENABLE_ONEDNN_OPTS='1', TF_CPP_MIN_LOG_LEVEL='3')
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
n = 4096
a, b = tf.fill((n, n), 0.5), tf.fill((n, n), 0.25)
best = float('inf')
for _ in range(6):
    start = time.perf_counter()
    tf.matmul(a, b).numpy()[0, 0]
    best = min(best, time.perf_counter() - start)
print(2 * n ** 3 / best * len(os.sched_getaffinity(0)))
'''


def ask(build):
    python = os.path.join(build, 'bench-venv/bin/python')
    told = programs.run('measuring the rate of a matrix product', [python, '-c', PROGRAM], os.path.join(build, 'bench-floor.log'),
                        f'Delete {build}/bench-venv, and TensorFlow is installed anew.')
    return float(told.split()[-1])
