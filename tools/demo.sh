#!/bin/sh
# The demonstration: one network, one small budget, batch sizes 32 and 8192 on Fashion-MNIST.
set -eu
program=${1:-build/batchwise}
budget=${DEMO_MEMORY:-48M}

train() {
  batch_size=$1
  rate=$2
  epochs=$3
  printf '\n=== Fashion-MNIST, batch size %s, budget %s ===\n\n' "$batch_size" "$budget"
  "$program" train mlp fashion-mnist --batch-size "$batch_size" --memory "$budget" --epochs "$epochs" --learning-rate "$rate" \
      --validation-split 0.1
}

# A large batch makes fewer updates per epoch, so it gets more epochs and a larger learning rate.
train 32 0.001 5
train 8192 0.01 25
printf '\nThe same network in the same budget of %s: the batch size is for learning to decide, not for memory.\n' "$budget"
