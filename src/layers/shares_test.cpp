// Lanes that share a grain give the bits of one, whatever the layer and however little there is to share.
#include "layers/contract_subject.h"

namespace batchwise {
namespace {

using namespace contract;

constexpr int kShares[] = {2, 3, 7, 16, 64};

// Fewer rows, channels, vectors and panels than lanes, and none of a size that anything is a multiple of.
const std::vector<Shapes> kSmall = {
    {{1}},
    {{17}},
    {{1, 1}},
    {{1, 17}},
    {{3, 1}},
    {{1, 1, 1}},
    {{1, 1, 17}},
    {{2, 3, 1}},
    {{2, 3, 3}},
    {{2, 3, 17}},
    {{3, 1, 3}},
    {{1, 2, 3, 1}},
    {{1}, {1}},
    {{2, 3, 17}, {2, 3, 17}},
    {{1, 17}, {1, 17}, {1, 17}},
};

// What the examples do not reach: Winograd's way, on as few tiles as it takes.
std::vector<Subject> few_tiles() {
  std::vector<Subject> all;
  for (const char* padding : {"same", "valid"})
    all.push_back({"Conv2D",
                   Config::object({{"filters", 32}, {"kernel_size", 3}, {"padding", padding}, {"activation", "relu"}}),
                   {{9, 10, 16}}});
  return all;
}

std::vector<Subject> all_subjects() {
  std::vector<Subject> all = subjects();
  for (const std::vector<Subject>& more : {subjects(kSmall), few_tiles()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Shares, OfAPredictionGiveTheBitsOfOne) {
  for_each_subject(
      [](const Subject& subject) {
        for (const int64_t grain : {1, 4}) {
          const int64_t samples = grain * subject.together();
          const TrialResult alone = subject.run({.grain = samples, .training = false});
          for (const int shares : kShares)
            expect_same_outputs(alone, subject.run({.grain = samples, .training = false, .shares = shares}));
        }
      },
      all_subjects());
}

TEST(Shares, OfATrainingGiveTheGradientsOfOne) {
  for_each_subject(
      [](const Subject& subject) {
        const TrialOptions options{.grain = 4 * subject.together()};
        const TrialResult alone = subject.run(options);
        for (const int shares : kShares) {
          TrialOptions several = options;
          several.shares = shares;
          const TrialResult shared = subject.run(several);
          expect_same_outputs(alone, shared);
          expect_same_arrays(alone.input_gradients, shared.input_gradients, "gradient of input ");
          expect_same_arrays(alone.weight_gradients, shared.weight_gradients, "gradient of weight ");
        }
      },
      all_subjects());
}

}  // namespace
}  // namespace batchwise
