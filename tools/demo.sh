#!/bin/sh
# The demonstration: one network, one small budget, batch sizes 32 and 8192 on Fashion-MNIST.
set -eu
program=${1:-build/batchwise}
budget=${DEMO_MEMORY:-48M}
epochs=${DEMO_EPOCHS:-5}

train() {
  batch_size=$1
  rate=$2
  printf '\n=== Fashion-MNIST, batch size %s, budget %s ===\n\n' "$batch_size" "$budget"
  "$program" plan mlp fashion-mnist --batch-size "$batch_size" --memory "$budget"
  printf '\n'
  "$program" train mlp fashion-mnist --batch-size "$batch_size" --memory "$budget" --epochs "$epochs" --learning-rate "$rate" \
      --validation-split 0.1
}

train 32 0.001
train 8192 0.01
printf '\nThe batch size changed what was learnt from, not the memory: both runs stayed inside %s.\n' "$budget"
