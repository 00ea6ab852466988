// Fuzzes all that walks over text: whatever the bytes, runs stay inside them and hashes and words come to an end.
#include <cstdlib>

#include <batchwise/text.h>

#include "text/fingerprint.h"
#include "text/lower_case.h"
#include "text/ngrams.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  if (size == 0) return 0;
  const uint8_t choice = data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  TextRules rules;
  rules.standardize = {(choice & 1) != 0, (choice & 2) != 0};
  rules.split = static_cast<Split>((choice >> 2) % 3);
  rules.ngrams = {1, 1 + (choice >> 4)};
  size_t bytes = 0;
  each_run(text, rules, [&](TokenRun run) {
    for (const Piece& piece : run) {
      const bool inside =
          piece.text.data() >= text.data() && piece.text.data() + piece.text.size() <= text.data() + text.size();
      if (!inside && piece.text != "\xEF\xBF\xBD") std::abort();  // what stands for bytes that are no UTF-8
    }
    bytes += shown(run).size();
    return true;
  });
  if (bytes > (text.size() + 1) * 4 * (kMostNgrams + 1)) std::abort();
  if (lower_case(text).size() > 3 * text.size()) std::abort();
  farm_fingerprint(text);
  sip_hash({size, choice}, text);
  md5(text);
  const std::string whole(text);
  Tokenizer tokenizer({.num_words = 10, .char_level = (choice & 1) != 0, .oov_token = "?"});
  tokenizer.fit_on_texts({whole, whole});
  tokenizer.sequences_to_texts(tokenizer.texts_to_sequences({whole}));
  return 0;
}
