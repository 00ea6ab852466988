// Student's t distribution against values computed with forty digits.
#include "base/student_t.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <batchwise/error.h>

namespace batchwise {
namespace {

struct Known {
  double probability, degrees, value;
};

TEST(StudentT, QuantilesAreThoseOfATable) {
  const Known table[] = {
      {0.500001, 1, 3.1415926536001e-6},  {0.6, 1, 0.32491969623291},          {0.75, 1, 1.0},
      {0.975, 1, 12.706204736175},        {0.995, 1, 63.656741162872},         {0.9999995, 1, 636619.77236706},
      {1e-12, 1, -318309886183.79},       {0.500001, 1.5, 2.9348322154077e-6}, {0.6, 1.5, 0.3007453925698},
      {0.75, 1.5, 0.87259466254157},      {0.975, 1.5, 6.0166631044279},       {0.995, 1.5, 17.820310514463},
      {0.9999995, 1.5, 8285.391195025},   {1e-12, 1.5, -52194694.273446},      {0.500001, 2, 2.8284271247518e-6},
      {0.6, 2, 0.28867513459481},         {0.75, 2, 0.81649658092773},         {0.975, 2, 4.3026527297495},
      {0.995, 2, 9.9248432009183},        {0.9999995, 2, 999.99924999984},     {1e-12, 2, -707106.78118549},
      {0.500001, 3, 2.7206990463558e-6},  {0.6, 3, 0.27667066233269},          {0.75, 3, 0.76489232840435},
      {0.975, 3, 3.1824463052837},        {0.995, 3, 5.8409093097334},         {0.9999995, 3, 130.15458955836},
      {1e-12, 3, -10331.108244292},       {0.500001, 4.7, 2.6425597939752e-6}, {0.6, 4.7, 0.26808271954103},
      {0.75, 4.7, 0.73022778124655},      {0.975, 4.7, 2.6207260753532},       {0.995, 4.7, 4.1678920401191},
      {0.9999995, 4.7, 32.703271516527},  {1e-12, 4.7, -534.49677787666},      {0.500001, 10, 2.5699780349336e-6},
      {0.6, 10, 0.26018482949208},        {0.75, 10, 0.69981206131243},        {0.975, 10, 2.2281388519863},
      {0.995, 10, 3.169272672617},        {0.9999995, 10, 10.516489956915},    {1e-12, 10, -40.532096178663},
      {0.500001, 29, 2.5283262356468e-6}, {0.6, 29, 0.25568363457126},         {0.75, 29, 0.68304386082161},
      {0.975, 29, 2.0452296421327},       {0.995, 29, 2.7563859036706},        {0.9999995, 29, 6.1700561014188},
      {1e-12, 29, -11.613158011561},      {0.500001, 120, 2.5118557998211e-6}, {0.6, 120, 0.25390952321493},
      {0.75, 120, 0.67653972491252},      {0.975, 120, 1.9799304050824},       {0.995, 120, 2.6174211451069},
      {0.9999995, 120, 5.1575699729051},  {1e-12, 120, -7.8452545510229},      {0.500001, 10000, 2.5066909411237e-6},
      {0.6, 10000, 0.25335384344573},     {0.75, 10000, 0.67451428448359},     {0.975, 10000, 1.9602012398906},
      {0.995, 10000, 2.5763210466685},    {0.9999995, 10000, 4.8946886163156}, {1e-12, 10000, -7.0433716020558},
  };
  for (const Known& known : table) {
    EXPECT_NEAR(student_t_quantile(known.probability, known.degrees) / known.value, 1, 1e-8)
        << known.probability << " with " << known.degrees;
    // From a few units in the last place of a probability beside 1.
    EXPECT_NEAR(student_t_probability(known.value, known.degrees), known.probability, 1e-12)
        << known.value << " with " << known.degrees;
  }
}

TEST(StudentT, ManyDegreesAreTheNormalDistribution) {
  for (const double degrees : {1e9, 1e300, std::numeric_limits<double>::infinity()}) {
    EXPECT_NEAR(student_t_quantile(0.975, degrees), 1.959963984540054, 1e-6);
    EXPECT_NEAR(student_t_quantile(1e-9, degrees), -5.997807015007686, 6e-6);
  }
}

TEST(StudentT, TheTwoSidesMirrorEachOther) {
  EXPECT_EQ(student_t_quantile(0.25, 3), -student_t_quantile(0.75, 3));
  EXPECT_EQ(student_t_quantile(0.5, 3), 0);
  EXPECT_EQ(student_t_probability(0, 3), 0.5);
  EXPECT_EQ(student_t_quantile(1, 2), std::numeric_limits<double>::infinity());
  EXPECT_EQ(student_t_quantile(0, 2), -std::numeric_limits<double>::infinity());
}

TEST(StudentT, RefusesWhatIsNoProbabilityOrNoDegrees) {
  EXPECT_THROW(student_t_quantile(-0.1, 3), Error);
  EXPECT_THROW(student_t_quantile(1.1, 3), Error);
  EXPECT_THROW(student_t_quantile(std::nan(""), 3), Error);
  EXPECT_THROW(student_t_quantile(0.5, 0.5), Error);
  EXPECT_THROW(student_t_quantile(0.5, std::nan("")), Error);
  EXPECT_THROW(student_t_probability(std::nan(""), 3), Error);
}

}  // namespace
}  // namespace batchwise
