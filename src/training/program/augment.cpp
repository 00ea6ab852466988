// Runs layers on single samples, in whatever thread asks.
#include <batchwise/augment.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "training/program/program.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "augment";
constexpr int64_t kAlignment = 64;

struct Free {
  void operator()(std::byte* memory) const { std::free(memory); }
};
using Buffer = std::unique_ptr<std::byte, Free>;

Buffer buffer_of(int64_t bytes) {
  const auto size = static_cast<size_t>((std::max<int64_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment);
  Buffer memory(static_cast<std::byte*>(std::aligned_alloc(kAlignment, size)));
  if (!memory) fail_run(kWhere, "the system must give ", size, " bytes for a sample. Got none.");
  return memory;
}

// The layers lowered for samples of one shape.
class SampleProgram {
 public:
  SampleProgram(const std::vector<LayerRef>& layers, const Shape& shape)
      : shape_(shape), model_(made(layers, shape)), program_(model_, 1, true) {
    require(model_.weights().empty(), kWhere, "the layers must have no weights. Got ", model_.weights().size(), ".");
    for (const ProgramOp& op : program_.ops())
      require(op.kernel->statistics().forward == 0, op.layer,
              "a layer that works on single samples is wanted. Got one "
              "of statistics over the batch.");
    program_.prepare(kMostRuns);
  }

  Array run(const Array& sample, uint64_t key) {
    require(sample.shape() == shape_, kWhere, "all samples must have one shape, ", shape_, ". Got ", sample.shape(),
            ". Put a resizing stage before it.");
    const Lease lease(*this);
    Memory& memory = *lease.memory;
    const Array numbers = sample.dtype() == DType::Float32 ? sample : sample.cast(DType::Float32);
    std::memcpy(memory.values[static_cast<size_t>(program_.inputs()[0])].get(), numbers.raw(),
                static_cast<size_t>(numbers.bytes()));
    for (size_t o = 0; o < program_.ops().size(); ++o) forward(memory, o, key);
    const auto end = static_cast<size_t>(program_.outputs()[0].prediction);
    const TensorType& type = program_.values()[end].type;
    Array result(type.dtype, type.shape);
    std::memcpy(result.raw(), memory.values[end].get(), static_cast<size_t>(result.bytes()));
    return type.dtype == DType::Float32 ? result : result.cast(DType::Float32);
  }

 private:
  static constexpr int kMostRuns = 256;  // at once

  static Model made(const std::vector<LayerRef>& layers, const Shape& shape) {
    std::vector<LayerRef> all{Input(shape)};
    all.insert(all.end(), layers.begin(), layers.end());
    return Sequential(std::move(all));
  }

  // What one run needs, kept from run to run.
  struct Memory {
    int lane = 0;
    std::vector<Buffer> values, saved, scratch, shared;  // per value; per op
    std::vector<const void*> inputs;
    std::vector<void*> outputs;
    double added_loss = 0;
  };

  std::unique_ptr<Memory> new_memory(int lane) const {
    auto memory = std::make_unique<Memory>();
    memory->lane = lane;
    for (const ProgramValue& value : program_.values()) memory->values.push_back(buffer_of(value.type.bytes(1)));
    for (const ProgramOp& op : program_.ops()) {
      const KernelMemory needs = op.kernel->memory();
      memory->saved.push_back(buffer_of(needs.saved));
      memory->scratch.push_back(buffer_of(needs.forward_scratch));
      memory->shared.push_back(buffer_of(needs.shared));
    }
    return memory;
  }

  struct Lease {
    explicit Lease(SampleProgram& from) : program(from) {
      const std::lock_guard lock(program.mutex_);
      if (program.idle_.empty()) {
        require(program.made_ < kMostRuns, kWhere, "at most ", kMostRuns, " threads may run the layers at once.");
        memory = program.new_memory(program.made_++);
      } else {
        memory = std::move(program.idle_.back());
        program.idle_.pop_back();
      }
    }
    ~Lease() {
      const std::lock_guard lock(program.mutex_);
      program.idle_.push_back(std::move(memory));
    }
    Lease(const Lease&) = delete;
    SampleProgram& program;
    std::unique_ptr<Memory> memory;
  };

  void forward(Memory& memory, size_t o, uint64_t key) const {
    const ProgramOp& op = program_.ops()[o];
    memory.inputs.clear();
    memory.outputs.clear();
    for (const int value : op.inputs) memory.inputs.push_back(memory.values[static_cast<size_t>(value)].get());
    for (const int value : op.outputs) memory.outputs.push_back(memory.values[static_cast<size_t>(value)].get());
    ForwardCall call;
    call.lane = memory.lane;
    call.rows = 1;
    call.address = {key, 0};
    call.inputs = memory.inputs;
    call.outputs = memory.outputs;
    call.saved = memory.saved[o].get();
    call.scratch = memory.scratch[o].get();
    call.shared = memory.shared[o].get();
    call.added_loss = &memory.added_loss;
    op.kernel->forward(call);
  }

  const Shape shape_;
  const Model model_;
  const Program program_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Memory>> idle_;
  int made_ = 0;
};

// Lowered for the shape of the first sample.
struct Layers {
  explicit Layers(std::vector<LayerRef> list) : layers(std::move(list)) {}
  SampleProgram& program(const Shape& shape) {
    const std::lock_guard lock(mutex);
    if (!lowered) lowered = std::make_unique<SampleProgram>(layers, shape);
    return *lowered;
  }
  const std::vector<LayerRef> layers;
  std::mutex mutex;
  std::unique_ptr<SampleProgram> lowered;
};

}  // namespace

MapFunction augment(std::vector<LayerRef> layers) {
  require(!layers.empty(), kWhere, "there must be at least one layer. Got none.");
  const auto shared = std::make_shared<Layers>(std::move(layers));
  return [shared](const Element& sample, const Address& address) {
    require(!sample.empty() && sample[0].dtype() != DType::String, kWhere, "the first component must be numbers. Got ",
            sample.empty() ? "none." : "text.");
    Element made = sample;
    made[0] = shared->program(sample[0].shape()).run(sample[0], address.key());
    return made;
  };
}

}  // namespace batchwise
