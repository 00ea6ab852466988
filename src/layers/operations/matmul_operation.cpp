// Matmul, dot, inner and tensordot: products of two tensors, or of a tensor and a constant.
#include <algorithm>
#include <numeric>

#include "layers/arguments.h"
#include "layers/operations/product_operations.h"

namespace batchwise {
namespace {

// A letter for each axis, from `first` on.
std::string run_of(char first, int count) {
  std::string all(static_cast<size_t>(count), first);
  std::iota(all.begin(), all.end(), first);
  return all;
}

class MatmulOperation final : public ProductOperation {
 public:
  MatmulOperation(const std::string& key, const Config& config) : ProductOperation(key, config, {}) {}

 private:
  // Matrices: rows i, sums j, columns k; what stands before them is a stack, shorter ones reaching from the right.
  Letters letters(const std::vector<Factor>& both) const override {
    const Factor &a = both[0], &b = both[1];
    const int rank_a = rank_of(a), rank_b = rank_of(b);
    const bool vector_a = a.is_constant() && rank_a == 1, vector_b = b.is_constant() && rank_b == 1;
    // The batch must be a part of the stack, or the rows of the first factor.
    if (rank_a == 0 || rank_b == 0 || (!b.is_constant() && rank_b < 3)) refuse(both);
    if (!a.is_constant() && !b.is_constant() && (rank_a != rank_b || rank_a < 3)) refuse(both);
    const int stack = std::max(stack_of(a), stack_of(b));
    const auto stacked = [&](const Factor& factor) {
      const int own = stack_of(factor);
      return run_of(static_cast<char>('A' + stack - own), own);
    };
    Letters all{{stacked(a) + (vector_a ? "j" : "ij"), stacked(b) + (vector_b ? "j" : "jk")}, run_of('A', stack)};
    if (!vector_a) all.result += "i";
    if (!vector_b) all.result += "k";
    // The batch: 'A' where it is in a stack, else 'i'. A constant that reaches it repeats over it.
    const char batch = all.result[0];
    for (size_t f = 0; f < 2; ++f) {
      std::string& own = all.factors[f];
      if (!both[f].is_constant() && own[0] != batch) refuse(both);
      if (both[f].is_constant() && own[0] == batch && both[f].shape[0] != 1) refuse(both);
      if (!both[f].is_constant()) own.erase(0, 1);
    }
    all.result.erase(0, 1);
    return all;
  }
  static int rank_of(const Factor& factor) { return factor.shape.rank() + (factor.is_constant() ? 0 : 1); }
  static int stack_of(const Factor& factor) { return std::max(rank_of(factor) - 2, 0); }
};

// Axes of the first factor that are summed with axes of the second; the others stand one after another.
class TensordotOperation final : public ProductOperation {
 public:
  TensordotOperation(const std::string& key, const Config& config)
      : ProductOperation(
            key, config,
            last_word(key) == "Tensordot" ? std::vector<std::string>{"axes"} : std::vector<std::string>{}) {
    if (last_word(key) != "Tensordot") return;
    const Config* stated = config.find("axes");
    if (stated && stated->is_list()) {
      require(stated->as_list().size() == 2, key, "axes must be a number or two lists. Got ", stated->text(), ".");
      first_ = number_list(key, stated->as_list()[0]);
      second_ = number_list(key, stated->as_list()[1]);
    } else {
      count_ = stated ? stated->as_int(key) : 2;
      require(count_ > 0, key, "axes must be positive: without sums it is an outer product. Got ", count_, ".");
    }
    require(first_.size() == second_.size(), key, "axes must name as many of either tensor. Got ", config.text(), ".");
  }

 private:
  Letters letters(const std::vector<Factor>& both) const override {
    const int rank_a = rank_of(both[0]), rank_b = rank_of(both[1]);
    std::vector<int64_t> first = first_, second = second_;
    if (last_word(key()) == "Tensordot") {
      for (int64_t i = 0; i < count_; ++i) {
        first.push_back(rank_a - count_ + i);
        second.push_back(i);
      }
    } else {  // dot sums over the last axis but one of a second factor that has two or more
      first = {-1};
      second = {last_word(key()) == "Dot" && rank_b > 1 ? -2 : -1};
    }
    std::string a = run_of('a', rank_a), b = run_of('A', rank_b);
    for (size_t i = 0; i < first.size(); ++i) {
      const int64_t at_a = first[i] < 0 ? first[i] + rank_a : first[i],
                    at_b = second[i] < 0 ? second[i] + rank_b : second[i];
      require(at_a >= 0 && at_a < rank_a && at_b >= 0 && at_b < rank_b, key(),
              "axes must be those of the tensors. Got ", first[i], " and ", second[i], ".");
      b[static_cast<size_t>(at_b)] = a[static_cast<size_t>(at_a)];
    }
    Letters all{{a, b}, {}};
    for (const char letter : a)
      if (b.find(letter) == std::string::npos) all.result.push_back(letter);
    for (const char letter : b)
      if (a.find(letter) == std::string::npos) all.result.push_back(letter);
    // One tensor, whose batch comes first in the result.
    const size_t tensor = both[0].is_constant() ? 1 : 0;
    const char batch = all.factors[tensor][0];
    if (!both[1 - tensor].is_constant() || all.result.empty() || all.result[0] != batch) refuse(both);
    all.factors[tensor].erase(0, 1);
    all.result.erase(0, 1);
    return all;
  }
  static int rank_of(const Factor& factor) { return factor.shape.rank() + (factor.is_constant() ? 0 : 1); }

  std::vector<int64_t> first_, second_;
  int64_t count_ = 0;
};

const bool registered =
    register_operations<MatmulOperation>({"ops.numpy.Matmul"}) &&
    register_operations<TensordotOperation>({"ops.numpy.Dot", "ops.numpy.Inner", "ops.numpy.Tensordot"});

}  // namespace
}  // namespace batchwise
