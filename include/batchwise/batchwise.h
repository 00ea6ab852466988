// The whole public API: a table of contents.
#pragma once

#include <batchwise/array.h>
#include <batchwise/byte_size.h>
#include <batchwise/callback.h>
#include <batchwise/callbacks.h>
#include <batchwise/config.h>
#include <batchwise/dataset.h>
#include <batchwise/dtype.h>
#include <batchwise/error.h>
#include <batchwise/image_dataset.h>
#include <batchwise/kernel.h>
#include <batchwise/layer.h>
#include <batchwise/layers.h>
#include <batchwise/loss.h>
#include <batchwise/losses.h>
#include <batchwise/metric.h>
#include <batchwise/metrics.h>
#include <batchwise/model.h>
#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>
#include <batchwise/plan.h>
#include <batchwise/registry.h>
#include <batchwise/shape.h>
#include <batchwise/text.h>
#include <batchwise/text_dataset.h>
#include <batchwise/training.h>
