// tf.train.Example, read without copying and written.
#include "formats/tfrecord/example.h"

#include <bit>

#include "formats/protobuf/fields.h"
#include "formats/protobuf/wire_writer.h"

namespace batchwise {
namespace {

// Calls see(name, feature message) for the entries of the map Example.features.feature.
template <class See>
void each_entry(std::string_view example, std::string_view where, const See& see) {
  WireField outer, entry, part;
  for (WireFields fields(example, where); fields.next(&outer);) {
    if (outer.number != 1 || outer.wire != 2) continue;
    for (WireFields features(outer.bytes, where); features.next(&entry);) {
      if (entry.number != 1 || entry.wire != 2) continue;
      std::string_view name, message;
      for (WireFields parts(entry.bytes, where); parts.next(&part);) {
        if (part.number == 1 && part.wire == 2) name = part.bytes;
        if (part.number == 2 && part.wire == 2) message = part.bytes;
      }
      see(name, message);
    }
  }
}

// Calls see(number) for a list of numbers, packed or one by one. `wire`: of one number.
template <class See>
void each_number(std::string_view list, int wire, std::string_view where, const See& see) {
  WireField field;
  for (WireFields fields(list, where); fields.next(&field);) {
    if (field.number != 1) continue;
    if (field.wire == wire) see(field.number_value);
    else if (field.wire == 2)
      for (WireReader packed(field.bytes, where); !packed.done();)
        see(wire == 0 ? packed.varint() : little_endian(packed.take(4)));
    else fail(where, "the values of a feature must be of its kind. Got the wire type ", field.wire, ".");
  }
}

}  // namespace

std::string_view name_of(FeatureKind kind) {
  constexpr std::string_view kNames[] = {"empty", "bytes_list", "float_list", "int64_list"};
  return kNames[static_cast<size_t>(kind)];
}

Feature::Feature(std::string_view name, std::string_view message, std::string_view where) : name_(name), where_(where) {
  WireField field;
  for (WireFields fields(message, where); fields.next(&field);) {
    if (field.number < 1 || field.number > 3 || field.wire != 2) continue;
    kind_ = static_cast<FeatureKind>(field.number);
    list_ = field.bytes;
  }
}

int64_t Feature::count() const {
  int64_t count = 0;
  const auto number = [&](uint64_t) { ++count; };
  if (kind_ == FeatureKind::Floats) each_number(list_, 5, where_, number);
  if (kind_ == FeatureKind::Integers) each_number(list_, 0, where_, number);
  if (kind_ == FeatureKind::Bytes) {
    WireField field;
    for (WireFields fields(list_, where_); fields.next(&field);) count += field.number == 1 && field.wire == 2;
  }
  return count;
}

void Feature::expect(FeatureKind kind, int64_t wanted) const {
  require(kind_ == kind, where_, "the feature \"", name_, "\" must be a ", name_of(kind), ". Got ", name_of(kind_),
          ".");
  const int64_t got = count();
  require(got == wanted, where_, "the feature \"", name_, "\" must have ", wanted, " values. Got ", got, ".");
}

std::string_view Feature::bytes(int64_t i) const {
  require(kind_ == FeatureKind::Bytes, where_, "the feature \"", name_, "\" must be a bytes_list. Got ", name_of(kind_),
          ".");
  WireField field;
  int64_t at = 0;
  for (WireFields fields(list_, where_); fields.next(&field);)
    if (field.number == 1 && field.wire == 2 && at++ == i) return field.bytes;
  fail(where_, "the feature \"", name_, "\" must have more than ", i, " values. Got ", at, ".");
}

void Feature::floats(std::span<float> out) const {
  expect(FeatureKind::Floats, static_cast<int64_t>(out.size()));
  float* to = out.data();
  each_number(list_, 5, where_, [&](uint64_t bits) { *to++ = std::bit_cast<float>(static_cast<uint32_t>(bits)); });
}

void Feature::integers(std::span<int64_t> out) const {
  expect(FeatureKind::Integers, static_cast<int64_t>(out.size()));
  int64_t* to = out.data();
  each_number(list_, 0, where_, [&](uint64_t value) { *to++ = static_cast<int64_t>(value); });
}

void each_feature(std::string_view example, std::string_view where, const std::function<void(const Feature&)>& see) {
  each_entry(example, where,
             [&](std::string_view name, std::string_view message) { see(Feature(name, message, where)); });
}

bool find_feature(std::string_view example, std::string_view wanted, std::string_view where, Feature* feature) {
  bool found = false;
  each_entry(example, where, [&](std::string_view name, std::string_view message) {
    if (name != wanted) return;
    *feature = Feature(wanted, message, where);
    found = true;
  });
  return found;
}

std::string example_bytes(const std::vector<std::pair<std::string, FeatureValues>>& features) {
  std::string map;
  for (const auto& [name, values] : features) {
    std::string list, feature, entry;
    const int kind = static_cast<int>(values.index()) + 1;
    if (const auto* strings = std::get_if<std::vector<std::string>>(&values)) {
      for (const std::string& value : *strings) put_bytes(list, 1, value);
    } else {
      std::string packed;
      if (const auto* floats = std::get_if<std::vector<float>>(&values))
        for (float value : *floats) put_little_endian(packed, std::bit_cast<uint32_t>(value), 4);
      else
        for (int64_t value : std::get<std::vector<int64_t>>(values)) put_varint(packed, static_cast<uint64_t>(value));
      put_bytes(list, 1, packed);
    }
    put_bytes(feature, kind, list);
    put_bytes(entry, 1, name);
    put_bytes(entry, 2, feature);
    put_bytes(map, 1, entry);
  }
  std::string example;
  put_bytes(example, 1, map);
  return example;
}

}  // namespace batchwise
