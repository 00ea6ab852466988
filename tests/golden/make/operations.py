"""Writes ../operations.json with real Keras (3.15.1, TensorFlow 2.21 was used): python operations.py

A case is a model of one operation as Keras writes it into files, with inputs, outputs, gradients of the outputs, and what
those become for the inputs (null where nothing passes)."""
import json
import os

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3")
import keras
import numpy as np
import tensorflow as tf
from keras import ops

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(3)
ROWS = 3


def floats(low=-1.0, high=1.0, shape=(3, 4)):
    return rng.uniform(low, high, size=(ROWS, *shape)).astype("float32")


def places(high, shape):
    return rng.integers(0, high, size=(ROWS, *shape)).astype("int32")


NANS = np.where(floats() > 0.4, np.nan, floats()).astype("float32")
IMAGE = floats(0, 1, shape=(5, 6, 3))
TABLE = rng.uniform(-1, 1, size=(4, 2)).astype("float32")
STACK = rng.uniform(-1, 1, size=(3, 4, 2)).astype("float32")

CASES = {
    "tan": (ops.tan, [floats()]),
    "sinh": (ops.sinh, [floats(-3, 3)]),
    "cosh": (ops.cosh, [floats(-3, 3)]),
    "arcsin": (ops.arcsin, [floats(-0.9, 0.9)]),
    "arccos": (ops.arccos, [floats(-0.9, 0.9)]),
    "arctan": (ops.arctan, [floats(-5, 5)]),
    "arcsinh": (ops.arcsinh, [floats(-5, 5)]),
    "arccosh": (ops.arccosh, [floats(1.2, 5)]),
    "arctanh": (ops.arctanh, [floats(-0.9, 0.9)]),
    "trunc": (ops.trunc, [floats(-3, 3)]),
    "threshold": (lambda x: ops.threshold(x, 0.2, 0.1), [floats()]),
    "mod": (ops.mod, [floats(-5, 5), floats(0.5, 2)]),
    "mod_negative": (ops.mod, [floats(-5, 5), floats(-2, -0.5)]),
    "mod_constant": (lambda x: x % 0.3, [floats(-5, 5)]),
    "mod_of_constant": (lambda x: 2.0 % x, [floats(0.2, 1)]),
    "floor_divide": (ops.floor_divide, [floats(-5, 5), floats(0.5, 2)]),
    "divide_no_nan": (ops.divide_no_nan, [floats(), np.round(floats())]),
    "hypot": (ops.hypot, [floats(), floats()]),
    "logaddexp": (ops.logaddexp, [floats(-4, 4), floats(-4, 4)]),
    "sort": (lambda x: ops.sort(x, axis=-1), [floats()]),
    "sort_inner": (lambda x: ops.sort(x, axis=1), [floats()]),
    "argsort": (lambda x: ops.argsort(x, axis=1), [floats()]),
    "top_k": (lambda x: ops.top_k(x, 3), [np.round(floats(), 1)]),
    "take_along_axis": (lambda x, i: ops.take_along_axis(x, i, axis=-1), [floats(), places(4, (3, 5))]),
    "take_along_axis_inner": (lambda x, i: ops.take_along_axis(x, i, axis=1), [floats(), places(3, (2, 4)) - 3]),
    "norm": (lambda x: ops.norm(x, axis=-1), [floats()]),
    "norm_1": (lambda x: ops.norm(x, ord=1, axis=1, keepdims=True), [floats()]),
    "norm_inf": (lambda x: ops.norm(x, ord=np.inf, axis=-1), [floats()]),
    "norm_fro": (lambda x: ops.norm(x, ord="fro", axis=(1, 2)), [floats()]),
    "normalize": (ops.normalize, [floats()]),
    "normalize_1": (lambda x: ops.normalize(x, axis=1, order=1), [floats()]),
    "unstack": (lambda x: ops.unstack(x, axis=1), [floats()]),
    "unstack_last": (lambda x: ops.unstack(x, axis=-1), [floats()]),
    "convert_to_tensor": (ops.convert_to_tensor, [floats()]),
    "convert_to_tensor_of": (lambda x: ops.convert_to_tensor(x, dtype="int32"), [floats(-3, 3)]),
    "isnan": (ops.isnan, [np.where(floats() > 0, np.nan, 1).astype("float32")]),
    "isinf": (ops.isinf, [np.where(floats() > 0, -np.inf, 1).astype("float32")]),
    "isfinite": (ops.isfinite, [np.where(floats() > 0, np.nan, 1).astype("float32")]),
    "argmax": (lambda x: ops.argmax(x, axis=1, keepdims=True), [floats()]),
    "repeat": (lambda x: ops.repeat(x, [2, 1, 3], axis=1), [floats()]),
    "pad_reflect": (lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 3)), mode="reflect"), [floats()]),
    "pad_symmetric": (lambda x: ops.pad(x, ((0, 0), (3, 1), (2, 0)), mode="symmetric"), [floats()]),
    "erfc": (ops.erfc, [floats(-2, 2)]),
    "erfinv": (ops.erfinv, [floats(-0.95, 0.95)]),
    "cbrt": (ops.cbrt, [floats(-3, 3)]),
    "exp2": (ops.exp2, [floats(-3, 3)]),
    "sinc": (ops.sinc, [floats(-3, 3)]),
    "i0": (ops.i0, [floats(-4, 4)]),
    "angle": (ops.angle, [floats()]),
    "nan_to_num": (ops.nan_to_num, [np.where(floats() > 0, np.nan, np.where(floats() > 0, -np.inf, 2)).astype("float32")]),
    "nan_to_num_stated": (lambda x: ops.nan_to_num(x, nan=1.0, posinf=2.0, neginf=-3.0), [np.where(floats() > 0, np.inf, np.where(floats() > 0, -np.inf, 2)).astype("float32")]),
    "deg2rad": (ops.deg2rad, [floats(-180, 180)]),
    "rad2deg": (ops.rad2deg, [floats(-3, 3)]),
    "fabs": (ops.fabs, [floats()]),
    "round_decimals": (lambda x: ops.round(x, 1), [floats(-3, 3)]),
    "round_tens": (lambda x: ops.round(x, -1), [floats(-300, 300)]),
    "copy": (ops.copy, [floats()]),
    "array": (lambda x: ops.array(x, dtype="int32"), [floats(-3, 3)]),
    "real": (ops.real, [floats()]),
    "conjugate": (ops.conj, [floats()]),
    "logaddexp2": (ops.logaddexp2, [floats(-4, 4), floats(-4, 4)]),
    "fmod": (ops.fmod, [floats(-5, 5), floats(0.5, 2)]),
    "fmax": (ops.fmax, [np.where(floats() > 0.5, np.nan, floats()).astype("float32"), floats()]),
    "fmin": (ops.fmin, [floats(), np.where(floats() > 0.5, np.nan, floats()).astype("float32")]),
    "heaviside": (ops.heaviside, [np.round(floats()), floats()]),
    "nextafter": (ops.nextafter, [floats(), floats()]),
    "isposinf": (ops.isposinf, [np.where(floats() > 0, np.inf, -np.inf).astype("float32")]),
    "isneginf": (ops.isneginf, [np.where(floats() > 0, np.inf, -np.inf).astype("float32")]),
    "isreal": (ops.isreal, [floats()]),
    "isclose": (lambda x, y: ops.isclose(x, y, 0.1, 0.05), [np.round(floats(), 1), np.round(floats(), 1)]),
    "isin": (lambda x: ops.isin(x, [1, 3]), [places(5, (3, 4))]),
    "isin_inverted": (lambda x: ops.isin(x, [1, 3], invert=True), [places(5, (3, 4))]),
    "count_nonzero": (lambda x: ops.count_nonzero(x, axis=-1), [np.round(floats())]),
    "ptp": (lambda x: ops.ptp(x, axis=1), [floats()]),
    "max_initial": (lambda x: ops.max(x, axis=-1, initial=0.5), [floats()]),
    "min_initial": (lambda x: ops.min(x, axis=-1, initial=-0.5), [floats()]),
    "median": (lambda x: ops.median(x, axis=-1), [floats()]),
    "median_of_two": (lambda x: ops.median(x, axis=(1, 2), keepdims=True), [floats()]),
    "median_nan": (lambda x: ops.median(x, axis=1), [np.where(floats() > 0.6, np.nan, floats()).astype("float32")]),
    "quantile": (lambda x: ops.quantile(x, 0.3, axis=1), [floats(shape=(5, 3))]),
    "percentile_nearest": (lambda x: ops.percentile(x, 30, axis=-1, method="nearest"), [floats()]),
    "percentile_lower": (lambda x: ops.percentile(x, 70, axis=-1, method="lower"), [floats()]),
    "percentile_higher": (lambda x: ops.percentile(x, 70, axis=-1, method="higher", keepdims=True), [floats()]),
    "percentile": (lambda x: ops.percentile(x, 40, axis=-1, method="midpoint"), [floats()]),
    "percentile_ends": (lambda x: ops.percentile(x, 100, axis=-1), [floats()]),
    "nansum": (lambda x: ops.nansum(x, axis=-1), [NANS]),
    "nanmean": (lambda x: ops.nanmean(x, axis=1), [NANS]),
    "nanmax": (lambda x: ops.nanmax(x, axis=-1, keepdims=True), [NANS]),
    "nanmin": (lambda x: ops.nanmin(x, axis=-1), [NANS]),
    "nanprod": (lambda x: ops.nanprod(x, axis=-1), [NANS]),
    "nanvar": (lambda x: ops.nanvar(x, axis=(1, 2)), [NANS]),
    "nanstd": (lambda x: ops.nanstd(x, axis=(1, 2)), [NANS]),
    "nancumsum": (lambda x: ops.nancumsum(x, axis=-1), [NANS]),
    "nancumprod": (lambda x: ops.nancumprod(x, axis=-1), [NANS]),
    "cumprod": (lambda x: ops.cumprod(x, axis=1), [floats()]),
    "moments": (lambda x: ops.moments(x, axes=[1]), [floats()]),
    "average_of_weights": (lambda x: ops.average(x, axis=-1, weights=np.array([1, 2, 3, 4], "float32")), [floats()]),
    "average_of_tensors": (lambda x, w: ops.average(x, axis=1, weights=w), [floats(), floats(0.5, 1)]),
    "average": (lambda x: ops.average(x, axis=1), [floats()]),
    "cdist": (ops.cdist, [floats(), floats(shape=(5, 4))]),
    "diagonal": (lambda x: ops.diagonal(x, offset=1, axis1=1, axis2=2), [floats()]),
    "diagonal_outer": (lambda x: ops.diagonal(x, axis1=1, axis2=3), [floats(shape=(3, 2, 4))]),
    "trace": (lambda x: ops.trace(x, axis1=1, axis2=2), [floats()]),
    "diff": (ops.diff, [floats()]),
    "diff_twice": (lambda x: ops.diff(x, n=2, axis=1), [floats()]),
    "trapezoid": (lambda x: ops.trapezoid(x, dx=0.5), [floats()]),
    "rot90": (lambda x: ops.rot90(x, axes=(1, 2)), [floats()]),
    "rot90_back": (lambda x: ops.rot90(x, k=-1, axes=(2, 1)), [floats()]),
    "rot90_twice": (lambda x: ops.rot90(x, k=2, axes=(1, 2)), [floats(shape=(3, 3))]),
    "fliplr": (ops.fliplr, [floats()]),
    "cross": (ops.cross, [floats(shape=(5, 3)), floats(shape=(5, 3))]),
    "cross_axes": (lambda a, b: ops.cross(a, b, axisa=1, axisb=2, axisc=1), [floats(shape=(3, 5)), floats(shape=(5, 3))]),
    "cross_flat": (ops.cross, [floats(shape=(5, 2)), floats(shape=(5, 2))]),
    "cross_two_three": (ops.cross, [floats(shape=(5, 2)), floats(shape=(5, 3))]),
    "hstack": (lambda a, b: ops.hstack([a, b]), [floats(), floats(shape=(2, 4))]),
    "hstack_vectors": (lambda a, b: ops.hstack([a, b]), [floats(shape=(3,)), floats(shape=(2,))]),
    "dstack": (lambda a, b: ops.dstack([a, b]), [floats(), floats(shape=(3, 2))]),
    "dstack_vectors": (lambda a, b: ops.dstack([a, b]), [floats(shape=(3,)), floats(shape=(3,))]),
    "append": (lambda a, b: ops.append(a, b, axis=-1), [floats(), floats(shape=(3, 2))]),
    "hsplit": (lambda x: ops.hsplit(x, 3), [floats()]),
    "dsplit": (lambda x: ops.dsplit(x, 2), [floats()]),
    "array_split": (lambda x: ops.array_split(x, 3, axis=-1), [floats()]),
    "slice": (lambda x: ops.slice(x, [0, 1, 1], [-1, 2, 2]), [floats()]),
    "slice_update": (lambda x, u: ops.slice_update(x, [0, 1, 2], u), [floats(), floats(shape=(2, 2))]),
    "slice_update_over": (lambda x, u: ops.slice_update(x, [0, 2, 3], u), [floats(), floats(shape=(2, 2))]),
    "crop_images": (lambda x: ops.image.crop_images(x, top_cropping=1, target_height=2, left_cropping=1, right_cropping=0), [IMAGE]),
    "pad_images": (lambda x: ops.image.pad_images(x, bottom_padding=1, target_height=8, left_padding=2, right_padding=1), [IMAGE]),
    "pad_constant": (lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 3)), constant_values=2.0), [floats()]),
    "extract_patches": (lambda x: ops.image.extract_patches(x, 2), [IMAGE]),
    "extract_patches_same": (lambda x: ops.image.extract_patches(x, (2, 3), strides=(1, 2), padding="same"), [IMAGE]),
    "extract_patches_dilated": (lambda x: ops.image.extract_patches(x, (2, 2), strides=(1, 1), dilation_rate=2), [IMAGE]),
    "extract_patches_3d": (lambda x: ops.image.extract_patches(x, (2, 1, 2)), [floats(shape=(4, 3, 4, 2))]),
    "extract_sequences": (lambda x: ops.extract_sequences(x, 4, 2), [floats(shape=(3, 9))]),
    "unfold": (lambda x: ops.unfold(x, (2, 3), padding=1, stride=(2, 1)), [floats(shape=(2, 5, 6))]),
    "fold": (lambda x: ops.fold(x, (4, 5), (2, 3), padding=(1, 0), stride=(2, 1)), [floats(shape=(12, 9))]),
    "space_to_depth": (lambda x: ops.space_to_depth(x, 2), [floats(shape=(4, 6, 3))]),
    "depth_to_space": (lambda x: ops.depth_to_space(x, 2), [floats(shape=(2, 3, 8))]),
    "rgb_to_grayscale": (ops.image.rgb_to_grayscale, [IMAGE]),
    "gaussian_blur": (lambda x: ops.image.gaussian_blur(x, (3, 5), (0.7, 1.5)), [IMAGE]),
    "sobel_edges": (ops.image.sobel_edges, [IMAGE]),
    "resize": (lambda x: ops.image.resize(x, (3, 8)), [IMAGE]),
    "resize_bicubic": (lambda x: ops.image.resize(x, (7, 8), interpolation="bicubic", antialias=True), [IMAGE]),
    "max_pool": (lambda x: ops.max_pool(x, 2, strides=1, padding="same"), [IMAGE]),
    "max_pool_1d": (lambda x: ops.max_pool(x, 2), [floats(shape=(6, 3))]),
    "average_pool": (lambda x: ops.average_pool(x, (2, 3), padding="same"), [IMAGE]),
    "layer_normalization": (ops.layer_normalization, [floats()]),
    "layer_normalization_scaled": (lambda x: ops.layer_normalization(x, np.array([1, 2, 3, 4], "float32"), np.array([4, 3, 2, 1], "float32"), epsilon=0.01), [floats()]),
    "layer_normalization_axes": (lambda x: ops.layer_normalization(x, axis=(1, 2)), [floats()]),
    "rms_normalization": (lambda x: ops.rms_normalization(x, np.array([1, 2, 3, 4], "float32"), epsilon=0.001), [floats()]),
    "rms_normalization_inner": (lambda x: ops.rms_normalization(x, axis=1), [floats()]),
    "batch_normalization": (lambda x: ops.batch_normalization(x, np.array([1, 2, 3, 4], "float32"), np.array([4, 3, 2, 1], "float32"), -1, offset=np.ones(4, "float32"), scale=np.array([1, 2, 1, 2], "float32")), [floats()]),
    "batch_normalization_inner": (lambda x: ops.batch_normalization(x, np.array([1, 2, 3], "float32"), np.array([4, 3, 2], "float32"), 1), [floats()]),
    "attention": (ops.dot_product_attention, [floats(shape=(5, 2, 4)), floats(shape=(6, 2, 4)), floats(shape=(6, 2, 3))]),
    "attention_causal": (lambda q, k, v: ops.dot_product_attention(q, k, v, is_causal=True, scale=0.3), [floats(shape=(5, 4, 4)), floats(shape=(5, 2, 4)), floats(shape=(5, 2, 4))]),
    "attention_masked": (lambda q, k, v, m: ops.dot_product_attention(q, k, v, mask=m), [floats(shape=(5, 2, 4)), floats(shape=(6, 2, 4)), floats(shape=(6, 2, 4)), floats(shape=(1, 5, 6)) > 0]),
    "matmul": (ops.matmul, [floats(), floats(shape=(4, 2))]),
    "matmul_stacks": (ops.matmul, [floats(shape=(2, 3, 4)), floats(shape=(1, 4, 2))]),
    "matmul_constant": (lambda x: ops.matmul(x, TABLE), [floats()]),
    "matmul_vectors": (lambda x: ops.matmul(x, TABLE), [floats(shape=(4,))]),
    "matmul_by_vector": (lambda x: ops.matmul(x, TABLE[:, 0]), [floats()]),
    "matmul_of_constant": (lambda x: ops.matmul(TABLE, x), [floats(shape=(2, 5))]),
    "matmul_of_stack": (lambda x: ops.matmul(STACK, x), [floats(shape=(3, 2, 5))]),
    "matmul_by_stack": (lambda x: ops.matmul(x, STACK), [floats(shape=(3, 5, 4))]),
    "dot_constant": (lambda x: ops.dot(x, TABLE), [floats()]),
    "dot_vector": (lambda x: ops.dot(x, TABLE[:, 1]), [floats()]),
    "dot_stack": (lambda x: ops.dot(x, STACK), [floats(shape=(4,))]),
    "inner_constant": (lambda x: ops.inner(x, TABLE), [floats(shape=(3, 2))]),
    "tensordot_one": (lambda x: ops.tensordot(x, TABLE, axes=1), [floats()]),
    "tensordot_two": (lambda x: ops.tensordot(x, STACK, axes=[[1, 2], [0, 1]]), [floats()]),
    "tensordot_turned": (lambda x: ops.tensordot(x, STACK, axes=[[2, 1], [1, 0]]), [floats()]),
    "einsum": (lambda a, b: ops.einsum("bij,bkj->bki", a, b), [floats(), floats(shape=(5, 4))]),
    "einsum_constant": (lambda x: ops.einsum("bij,jk->bik", x, TABLE), [floats()]),
    "einsum_of_constant": (lambda x: ops.einsum("ij,bjk->bik", TABLE, x), [floats(shape=(2, 5))]),
    "einsum_three": (lambda a, b, c: ops.einsum("bij,bjk,bkl->bil", a, b, c), [floats(), floats(shape=(4, 5)), floats(shape=(5, 2))]),
    "einsum_one": (lambda x: ops.einsum("bij->bji", x), [floats()]),
    "einsum_sum": (lambda x: ops.einsum("bij->bi", x), [floats()]),
    "einsum_dots": (lambda a, b: ops.einsum("...ij,...jk->...ik", a, b), [floats(shape=(2, 3, 4)), floats(shape=(2, 4, 5))]),
    "einsum_dots_constant": (lambda x: ops.einsum("...j,jk->...k", x, TABLE), [floats()]),
    "whole_add": (lambda x: x + 7, [places(9, (3, 4))]),
    "whole_of_constant": (lambda x: 5 - x, [places(9, (3, 4))]),
    "whole_and_float": (lambda x: x * 0.5, [places(9, (3, 4))]),
    "whole_product": (lambda x, y: x * y, [places(9, (3, 4)), places(9, (1, 4)) - 4]),
    "whole_division": (lambda x, y: x / y, [places(9, (3, 4)), places(9, (3, 4)) + 1]),
    "whole_floor_division": (lambda x: x // 3, [places(19, (3, 4)) - 9]),
    "whole_mod": (lambda x, y: x % y, [places(19, (3, 4)) - 9, places(4, (3, 4)) - 5]),
    "whole_power": (lambda x: x**3, [places(9, (3, 4)) - 4]),
    "whole_maximum": (lambda x: ops.maximum(x, 2), [places(9, (3, 4))]),
    "whole_and_floats": (lambda x, y: x + y, [places(9, (3, 4)), floats()]),
    "truth_and_floats": (lambda x, y: x * y, [places(2, (3, 4)) > 0, floats()]),
    "truth_and_whole": (lambda x, y: x * y, [places(2, (3, 4)) > 0, places(9, (3, 4))]),
    "truth_and_number": (lambda x: x * 3, [places(2, (3, 4)) > 0]),
    "whole_sum": (lambda x: ops.sum(x, axis=-1), [places(9, (3, 4))]),
    "whole_prod": (lambda x: ops.prod(x, axis=(1, 2)), [places(3, (3, 4)) + 1]),
    "whole_max": (lambda x: ops.max(x, axis=1, keepdims=True), [places(9, (3, 4)) - 9]),
    "whole_mean": (lambda x: ops.mean(x, axis=1), [places(9, (3, 4))]),
    "whole_argmax": (lambda x: ops.argmax(x, axis=1), [places(99, (3, 4))]),
    "truth_sum": (lambda x: ops.sum(x, axis=-1), [places(2, (3, 4)) > 0]),
    "truth_min": (lambda x: ops.min(x, axis=-1), [places(2, (3, 4)) > 0]),
    "truth_mean": (lambda x: ops.mean(x, axis=-1), [places(2, (3, 4)) > 0]),
    "whole_abs": (ops.abs, [places(9, (3, 4)) - 4]),
    "whole_negative": (lambda x: -x, [places(9, (3, 4)) - 4]),
    "whole_square": (ops.square, [places(9, (3, 4)) - 4]),
    "whole_sign": (ops.sign, [places(9, (3, 4)) - 4]),
    "whole_clip": (lambda x: ops.clip(x, 2, 5), [places(9, (3, 4))]),
    "whole_sqrt": (ops.sqrt, [places(9, (3, 4))]),
    "whole_where": (ops.where, [places(2, (3, 4)) > 0, places(9, (3, 4)), places(9, (3, 4)) - 9]),
    "whole_where_constant": (lambda c, x: ops.where(c, x, -1), [places(2, (3, 4)) > 0, places(9, (3, 4))]),
    "whole_where_float": (lambda c, x: ops.where(c, x, -0.5), [places(2, (3, 4)) > 0, places(9, (3, 4))]),
    "bitwise_and": (ops.bitwise_and, [places(99, (3, 4)), places(99, (3, 4)) - 50]),
    "bitwise_or": (ops.bitwise_or, [places(99, (3, 4)), places(99, (3, 4)) - 50]),
    "bitwise_xor": (ops.bitwise_xor, [places(99, (3, 4)), places(99, (3, 4)) - 50]),
    "bitwise_invert": (ops.bitwise_invert, [places(99, (3, 4)) - 50]),
    "left_shift": (ops.left_shift, [places(99, (3, 4)), places(9, (3, 4))]),
    "right_shift": (ops.bitwise_right_shift, [places(999, (3, 4)) - 500, places(9, (3, 4))]),
    "gcd": (ops.gcd, [places(99, (3, 4)), places(99, (3, 4))]),
    "lcm": (ops.lcm, [places(99, (3, 4)), places(99, (3, 4))]),
    "digitize": (lambda x: ops.digitize(x, np.array([-0.5, 0.0, 0.25])), [np.round(floats(), 1)]),
    "ldexp": (ops.ldexp, [floats(), places(5, (3, 4))]),
    "saturate_cast": (lambda x: ops.saturate_cast(x, "int32"), [floats(-5e9, 2e9)]),
    "saturate_cast_bytes": (lambda x: ops.saturate_cast(x, "uint8"), [floats(-300, 600)]),
    "in_top_k": (lambda t, p: ops.in_top_k(t, p, 2), [places(4, ()), floats(shape=(4,))]),
    "nanargmax": (lambda x: ops.nanargmax(x, axis=-1), [np.where(np.arange(4) < 4 * floats() ** 2, NANS, np.nan).astype("float32")]),
    "nanargmin": (lambda x: ops.nanargmin(x, axis=1, keepdims=True), [NANS]),
    "signbit": (ops.signbit, [np.where(floats() > 0, -0.0, np.round(floats())).astype("float32")]),
    "imag": (ops.imag, [floats()]),
    "whole_zeros_like": (lambda x: ops.zeros_like(x, dtype="int32"), [floats()]),
    "whole_ones_like": (ops.ones_like, [places(9, (3, 4))]),
    "whole_full_like": (lambda x: ops.full_like(x, 7), [places(9, (3, 4))]),
    "einsum_diagonal": (lambda x: ops.einsum("bii->bi", x), [floats(shape=(4, 4))]),
}


def numbers(array):
    array = np.asarray(array)
    values = [repr(float(v)) if not np.isfinite(v) else float(v) for v in array.astype("float64").ravel()]
    return {"shape": list(array.shape), "dtype": str(array.dtype), "values": values}


def case(function, inputs):
    keras.backend.clear_session()
    symbols = [keras.Input(x.shape[1:], dtype=str(x.dtype), name=f"x{i}") for i, x in enumerate(inputs)]
    model = keras.Model(symbols, function(*symbols))
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        for tensor in tensors:
            tape.watch(tensor)
        outputs = keras.tree.flatten(model(tensors if len(tensors) > 1 else tensors[0]))
        slopes = [floats(shape=o.shape[1:]) if o.dtype == tf.float32 else None for o in outputs]
        total = sum(tf.reduce_sum(o * s) for o, s in zip(outputs, slopes) if s is not None) if any(s is not None for s in slopes) else None
    gradients = [None] * len(inputs)
    if total is not None:
        try:
            gradients = tape.gradient(total, tensors, unconnected_gradients="zero")
        except LookupError:  # TensorFlow has none, so that nobody learns through it
            slopes = [None] * len(slopes)
    return {
        "model": config,
        "inputs": [numbers(x) for x in inputs],
        "outputs": [numbers(o) for o in outputs],
        "output_gradients": [None if s is None else numbers(s) for s in slopes],
        "input_gradients": [None if g is None or x.dtype != np.float32 else numbers(g) for g, x in zip(gradients, inputs)],
    }


with open(os.path.join(HERE, "..", "operations.json"), "w") as file:
    made = {name: case(*arguments) for name, arguments in CASES.items()}
    file.write("{\n" + ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in made.items()) + "\n}\n")
