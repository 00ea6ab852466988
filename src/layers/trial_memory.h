// Test support: guarded buffers, and tensors between canonical arrays and the layouts of kernels.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include <batchwise/array.h>
#include <batchwise/kernel.h>

namespace batchwise::trial {

// Memory between two guards, filled with NaNs: what a kernel does not write, and what it writes beyond, shows.
class GuardedBuffer {
 public:
  static constexpr int64_t kGuard = 64;

  GuardedBuffer(std::string name, int64_t bytes) : name_(std::move(name)), bytes_(bytes) {
    const size_t whole = static_cast<size_t>((bytes + 2 * kGuard + 63) / 64 * 64);
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(64, whole)));
    std::memset(memory_.get(), 0xFF, whole);
    std::memset(memory_.get(), 0xA5, kGuard);
    std::memset(memory_.get() + kGuard + bytes, 0xA5, kGuard);
  }
  void* data() const { return memory_.get() + kGuard; }
  template <class T>
  T* as() const {
    return static_cast<T*>(data());
  }
  int64_t bytes() const { return bytes_; }
  void poison() { std::memset(data(), 0xFF, static_cast<size_t>(bytes_)); }
  void clear() { std::memset(data(), 0, static_cast<size_t>(bytes_)); }
  void check() const {
    for (int64_t i = 0; i < kGuard; ++i)
      if (memory_.get()[i] != std::byte{0xA5} || memory_.get()[kGuard + bytes_ + i] != std::byte{0xA5})
        throw std::logic_error(name_ + ": written beyond its " + std::to_string(bytes_) + " bytes");
  }

 private:
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::string name_;
  int64_t bytes_;
  std::unique_ptr<std::byte, Free> memory_;
};

// Where element (sample, position, channel) of a tensor lies. Position: all axes but the last, flattened.
inline int64_t offset_of(const TensorType& type, int64_t sample, int64_t position, int64_t channel) {
  const int64_t channels = type.shape.rank() == 0 ? 1 : type.shape.back();
  const int64_t positions = channels == 0 ? 0 : type.shape.count() / channels;
  const int64_t block = type.channel_block;
  if (block == 0) return (sample * positions + position) * channels + channel;
  const int64_t blocks = (channels + block - 1) / block;
  return ((sample * blocks + channel / block) * positions + position) * block + channel % block;
}

// Visits the elements of `rows` samples: body(canonical index, index in memory).
template <class Body>
void for_elements(const TensorType& type, int64_t rows, Body body) {
  const int64_t channels = type.shape.rank() == 0 ? 1 : type.shape.back();
  const int64_t positions = channels == 0 ? 0 : type.shape.count() / channels;
  for (int64_t sample = 0; sample < rows; ++sample)
    for (int64_t position = 0; position < positions; ++position)
      for (int64_t channel = 0; channel < channels; ++channel)
        body((sample * positions + position) * channels + channel, offset_of(type, sample, position, channel));
}

template <class T>
void pack_elements(const TensorType& type, int64_t rows, const std::byte* canonical, std::byte* stored) {
  std::memset(stored, 0, static_cast<size_t>(type.bytes(rows)));
  for_elements(type, rows, [&](int64_t from, int64_t to) {
    reinterpret_cast<T*>(stored)[to] = reinterpret_cast<const T*>(canonical)[from];
  });
}

template <class T>
void unpack_elements(const TensorType& type, int64_t rows, const std::byte* stored, std::byte* canonical) {
  for_elements(type, rows, [&](int64_t to, int64_t from) {
    reinterpret_cast<T*>(canonical)[to] = reinterpret_cast<const T*>(stored)[from];
  });
}

inline void pack(const TensorType& type, int64_t rows, const void* canonical, void* stored) {
  const auto* from = static_cast<const std::byte*>(canonical);
  auto* to = static_cast<std::byte*>(stored);
  switch (size_of(type.dtype)) {
    case 1: return pack_elements<uint8_t>(type, rows, from, to);
    case 2: return pack_elements<uint16_t>(type, rows, from, to);
    case 4: return pack_elements<uint32_t>(type, rows, from, to);
    case sizeof(std::string_view): return pack_elements<std::string_view>(type, rows, from, to);
    default: return pack_elements<uint64_t>(type, rows, from, to);
  }
}

inline void unpack(const TensorType& type, int64_t rows, const void* stored, void* canonical) {
  const auto* from = static_cast<const std::byte*>(stored);
  auto* to = static_cast<std::byte*>(canonical);
  switch (size_of(type.dtype)) {
    case 1: return unpack_elements<uint8_t>(type, rows, from, to);
    case 2: return unpack_elements<uint16_t>(type, rows, from, to);
    case 4: return unpack_elements<uint32_t>(type, rows, from, to);
    case sizeof(std::string_view): return unpack_elements<std::string_view>(type, rows, from, to);
    default: return unpack_elements<uint64_t>(type, rows, from, to);
  }
}

// Moves a tensor into another layout, element by element.
class PlainReorder final : public Kernel {
 public:
  PlainReorder(const TensorType& from, const TensorType& to, int64_t grain) : from_(from), to_(to), grain_(grain) {}
  std::string_view kind() const override { return "reorder"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override { move(from_, to_, call.inputs[0], call.outputs[0]); }
  void backward(const BackwardCall& call) const override {
    move(to_, from_, call.output_gradients[0], call.input_gradients[0]);
  }

 private:
  void move(const TensorType& from, const TensorType& to, const void* source, void* target) const {
    const int64_t size = size_of(from.dtype);
    std::memset(target, 0, static_cast<size_t>(to.bytes(grain_)));
    for_elements(from, grain_, [&](int64_t canonical, int64_t at) {
      const int64_t channels = from.shape.rank() == 0 ? 1 : from.shape.back();
      const int64_t sample = canonical / from.shape.count(), within = canonical % from.shape.count();
      std::memcpy(static_cast<std::byte*>(target) + size * offset_of(to, sample, within / channels, within % channels),
                  static_cast<const std::byte*>(source) + size * at, static_cast<size_t>(size));
    });
  }
  TensorType from_, to_;
  int64_t grain_;
};

}  // namespace batchwise::trial
