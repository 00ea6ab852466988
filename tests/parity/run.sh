#!/bin/sh
# Installs real Keras beside the build and compares random models with it: run.sh BUILD MODELS SEED.
set -eu
build=$1
here=$(dirname "$0")
venv=$build/parity-venv
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import keras, tensorflow, onnxruntime' 2>/dev/null; then
  echo "parity: installing Keras and TensorFlow from PyPI into $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet tensorflow-cpu==2.21.0 keras==3.15.1 onnx onnxruntime safetensors scipy
fi
exec "$venv/bin/python" "$here/random_models.py" --program "$build/batchwise" --models "$2" --seed "$3" --work "$build/parity" --onnx
