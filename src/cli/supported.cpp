// The text of docs/supported.md: the lists are those of the registries.
#include "cli/supported.h"

#include <sstream>
#include <vector>

#include <batchwise/layer.h>
#include <batchwise/loss.h>
#include <batchwise/metric.h>
#include <batchwise/optimizer.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

constexpr const char* kStart =
    R"(# What is supported

Keras's classes by their names, with Keras's arguments and defaults; [what differs](differs_from_keras.md). A name or argument that is
not known is refused. `batchwise supported` makes this page from the registries, and a test compares it.
)";

constexpr const char* kLayers =
    R"(
A model may also be a layer of another (Sequential, Functional), and of TimeDistributed. `ops.` are the operations on tensors that Keras writes for arithmetic
between layers. An asterisk marks what can be exported to ONNX.

Layers of Keras that are refused:

- code: FlaxLayer, JaxLayer, Lambda, TFSMLayer, TorchModuleWrapper, and layers of one's own;
- of several samples at once: CutMix, MixUp;
- of bounding boxes, or of other layers: MaxNumBoundingBoxes, Pipeline;
- random images, not there yet: AugMix, RandAugment, RandomColorDegeneration, RandomColorJitter, RandomElasticTransform, RandomErasing,
  RandomGaussianBlur, RandomGrayscale, RandomHue, RandomInvert, RandomPerspective, RandomPosterization, RandomSaturation,
  RandomSharpness, RandomShear;
- images, not there yet: AutoContrast, ContrastLimitedAdaptiveHistogramEqualization, Equalization, Solarization.

Operations of Keras that are refused, by their classes:

- of several samples at once, or of shapes that hold for one batch size: AllClose, Bincount, BroadcastTo, Corrcoef, Correlate, Diag,
  Diagflat, Flipud, Histogram, Kron, Meshgrid, Ndim, Outer, PSNR, Ravel, Scatter, ScatterUpdate, SearchSorted, SegmentMax, SegmentMin,
  SegmentProd, SegmentSum, Size, Vander, Vdot, Vsplit, Vstack;
- of shapes that depend on values: Nonzero, Unique;
- linear algebra: Cholesky, CholeskyInverse, Det, Eig, Eigh, Inv, Logdet, Lstsq, LuFactor, MatrixRank, Pinv, Qr, SVD, Slogdet, Solve,
  SolveTriangular;
- complex numbers: FFT, FFT2, IFFT2, IRFFT, ISTFT, Polar, RFFT, STFT, ViewAsComplex, ViewAsReal;
- functions, which would be code from a file: AssociativeScan, Cond, ForiLoop, JVP, Map, Scan, Switch, VectorizedMap, WhileLoop;
- what layers and losses are for: AdaptiveAveragePool, AdaptiveMaxPool, BinaryCrossentropy, CTCDecode, CTCLoss,
  CategoricalCrossentropy, Conv, ConvTranspose, DepthwiseConv, SeparableConv, SparseCategoricalCrossentropy;
- not there yet: AffineTransform, Argpartition, ElasticTransform, Geomspace, HSVToRGB, Linspace, Logspace, MapCoordinates, Nanmedian,
  Nanpercentile, Nanquantile, PerspectiveTransform, RGBToHSV, SSIM, ScaleAndTranslate, UnravelIndex, View.
)";

constexpr const char* kLosses =
    R"(
Reductions `sum_over_batch_size`, `mean`, `sum`, `mean_with_sample_weight`. Sample weights are one per sample, or one for each loss
value of a sample (time steps). Masks of outputs weigh loss values as in Keras. Dice, Tversky, Circle and CosineSimilarity over axis 0
are computed over the whole batch, however it is cut into grains.
)";

constexpr const char* kMetrics =
    R"(
`accuracy` and `crossentropy` become what fits the shapes. Mean, Sum and MeanMetricWrapper are of values, not of targets and
predictions, and are refused.
)";

constexpr const char* kOptimizers =
    R"(
Each with `weight_decay`, `clipnorm`, `global_clipnorm`, `clipvalue`, `use_ema`, `ema_momentum`, `ema_overwrite_frequency`,
`loss_scale_factor` and `gradient_accumulation_steps`: as in Keras, an update is made from the plain mean of that many batches'
gradients, a partial batch counting as much as a whole one. A large batch in little memory needs no accumulation: `batch_size` says it.
)";

// One paragraph, its lines not much longer than those of other documents.
void paragraph(std::ostringstream& text, const std::vector<std::string>& words) {
  size_t length = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? "," : "");
    if (length > 0) text << (length + word.size() > 130 ? "\n" : " ");
    length = length + word.size() > 130 ? word.size() : length + word.size() + 1;
    text << word;
  }
  text << "\n";
}

template <class Base>
void section(std::ostringstream& text, const char* title, const char* said = "") {
  text << "\n## " << title << "\n\n";
  paragraph(text, Registry<Base>::instance().names());
  text << said;
}

}  // namespace

std::string supported_text() {
  std::ostringstream text;
  std::vector<std::string> layers;
  for (const std::string& name : Registry<Layer>::instance().names())
    layers.push_back(name + (name == "InputLayer" || onnx_rules().count(name) ? "*" : ""));
  text << kStart << "\n## Layers\n\n";
  paragraph(text, layers);
  text << kLayers;
  section<Loss>(text, "Losses", kLosses);
  section<Metric>(text, "Metrics", kMetrics);
  section<Optimizer>(text, "Optimizers", kOptimizers);
  section<Schedule>(text, "Schedules");
  section<Regularizer>(text, "Regularizers");
  section<Constraint>(text, "Constraints");
  section<Initializer>(text, "Initializers");
  return text.str();
}

}  // namespace batchwise
