// The input pipeline in words: how it will work, and who waited for whom.
#pragma once

#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

class DecodedRoom;
class Samples;

std::string pipeline_words(const Samples& samples);  // for the plan; "" for samples that are copied from where they lie
std::string decoded_words(const DecodedRoom& room);  // of what is held; "" for nothing

// `waited`: seconds of `total` that training waited for samples.
std::string pipeline_report(const std::vector<StageFacts>& stages, double waited, double total);

}  // namespace batchwise
