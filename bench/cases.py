# The cases that contestants are compared on: network, data, optimizer and batch sizes, as plain values.
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    network: str            # a function of that name in networks/keras_networks.py and networks/pytorch_networks.py
    data: str               # "fashion_mnist_flat", "fashion_mnist", "images_128", "images_224", "tokens_80", "pixels_128", ...
    rows: int               # samples stored
    classes: int
    optimizer: str          # "sgd" or "adam"
    learning_rate: float
    batch_sizes: tuple
    forward_flops: float    # of one sample, multiply and add counted as two, convolutions computed directly
    first_layer_flops: float    # part of the above that needs no gradient of its input
    tolerance: float        # largest relative difference of the first losses between contestants
    checked_steps: int = 5  # first losses compared
    channels_last: bool = True  # PyTorch's memory format: the faster one of the two for this case
    little_memory: str = ''     # a budget that batchwise trains in as well, in a row of its own, at the largest batch size

    def floor_seconds(self, batch_size, flops_per_second):
        """Time of one step if all it did were its matrix products, at the rate of a large f32 matrix product."""
        return (3 * self.forward_flops - self.first_layer_flops) * batch_size / flops_per_second


def dense(inputs, outputs):
    return 2.0 * inputs * outputs


def conv(height, width, kernel, inputs, outputs):
    return 2.0 * height * width * kernel * kernel * inputs * outputs


def unet(side, filters, channels, classes):
    total, inputs = 0.0, channels
    for level, count in enumerate(filters):
        here = side >> level
        total += conv(here, here, 3, inputs, count) + conv(here, here, 3, count, count)
        inputs = count
        if level + 1 < len(filters):  # on the way up: transposed convolution, then two on twice the channels
            total += conv(here, here, 1, filters[level + 1], count) + conv(here, here, 3, 2 * count, count) + conv(here, here, 3, count, count)
    return total + conv(side, side, 1, filters[0], classes)


CASES = {case.name: case for case in [
    Case(name='mlp', title='MLP 784-128-10, SGD', network='mlp', data='fashion_mnist_flat', rows=60000, classes=10,
         optimizer='sgd', learning_rate=0.01, batch_sizes=(32, 512, 2048),
         forward_flops=dense(784, 128) + dense(128, 10), first_layer_flops=dense(784, 128), tolerance=1e-5),
    Case(name='mnist_cnn', title='MNIST CNN (conv 32-64, dropout), Adam', network='mnist_cnn', data='fashion_mnist', rows=60000,
         classes=10, optimizer='adam', learning_rate=0.001, batch_sizes=(128,),
         forward_flops=conv(26, 26, 3, 1, 32) + conv(11, 11, 3, 32, 64) + dense(1600, 10),
         first_layer_flops=conv(26, 26, 3, 1, 32), tolerance=1e-4, channels_last=False),
    # Keras and PyTorch add Adam's epsilon at different places of the formula, which shows in the first updates of small gradients.
    Case(name='cnn128', title='CNN 128x128x3 (conv 16-32-64), Adam', network='cnn128', data='images_128', rows=1024, classes=5,
         optimizer='adam', learning_rate=0.001, batch_sizes=(32, 256),
         forward_flops=conv(128, 128, 3, 3, 16) + conv(64, 64, 3, 16, 32) + conv(32, 32, 3, 32, 64) + dense(16384, 128)
         + dense(128, 5),
         first_layer_flops=conv(128, 128, 3, 3, 16), tolerance=2e-2, checked_steps=3),
    Case(name='lstm', title='LSTM 128 on 80 tokens, Adam', network='lstm', data='tokens_80', rows=2560, classes=2,
         optimizer='adam', learning_rate=0.001, batch_sizes=(128,),
         forward_flops=80 * (dense(128, 512) + dense(128, 512)) + dense(128, 2), first_layer_flops=0.0, tolerance=1e-3,
         checked_steps=3, channels_last=False),
    Case(name='transformer', title='Transformer, 2 blocks of width 64, 200 tokens, Adam', network='transformer', data='tokens_200', rows=1280,
         classes=2, optimizer='adam', learning_rate=0.001, batch_sizes=(64,),
         forward_flops=2 * 200 * (6 * dense(64, 64) + 2 * dense(64, 200)) + dense(64, 2), first_layer_flops=0.0, tolerance=1e-3,
         checked_steps=3, channels_last=False),
    Case(name='unet', title='U-Net 128x128 (32-64-128-256), Adam', network='unet', data='pixels_128', rows=64, classes=2,
         optimizer='adam', learning_rate=0.001, batch_sizes=(8,), forward_flops=unet(128, (32, 64, 128, 256), 3, 2),
         first_layer_flops=conv(128, 128, 3, 3, 32), tolerance=2e-2, checked_steps=2),
    Case(name='mobilenetv2', title='MobileNetV2 224x224, Adam', network='mobilenetv2', data='images_224', rows=64, classes=1000,
         optimizer='adam', learning_rate=0.0001, batch_sizes=(16,), forward_flops=2 * 0.3008e9,
         first_layer_flops=conv(112, 112, 3, 3, 32), tolerance=2e-2, checked_steps=2),
    # Adam's first updates are near the sign of the gradient, so rounding differences of a deep network grow within a few steps:
    # the first loss shows that the networks agree, the second that the updates do.
    Case(name='resnet50', title='ResNet-50 224x224, Adam', network='resnet50', data='images_224', rows=64, classes=1000,
         optimizer='adam', learning_rate=0.0001, batch_sizes=(16,),
         forward_flops=2 * 3.858e9, first_layer_flops=conv(112, 112, 7, 3, 64), tolerance=2e-2, checked_steps=2, little_memory='1300M'),
]}

# What batchwise alone is asked on: networks of which there is no PyTorch version here.
OWN = {'efficientnetb0': replace(CASES['mobilenetv2'], name='efficientnetb0', title='EfficientNetB0 224x224, Adam', network='efficientnetb0',
                                 forward_flops=2 * 0.387e9)}
