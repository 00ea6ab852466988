// Collecting consecutive elements: what batch, padded_batch and ragged_batch have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

// Throws unless all have as many components as the first, of its types.
void require_same_components(const std::vector<Element>& elements, const std::string& where);

// Elements of one shape as one element with a leading dimension. `where` names the data in errors.
Element stack(const std::vector<Element>& elements, const std::string& where);

int64_t batches_of(int64_t elements, int64_t rows, bool drop_remainder);  // a cardinality from another

class BatchStream final : public Stream {
 public:
  using Make = std::function<Element(const std::vector<Element>&)>;
  BatchStream(std::unique_ptr<Stream> before, int64_t rows, bool drop_remainder, Make make)
      : before_(std::move(before)), rows_(rows), drop_remainder_(drop_remainder), make_(std::move(make)) {}
  bool next(Element& element) override;
  int64_t skip(int64_t count) override;

 private:
  std::unique_ptr<Stream> before_;
  const int64_t rows_;
  const bool drop_remainder_;
  const Make make_;
  bool ended_ = false;
};

}  // namespace batchwise
