# The networks of the cases, written with PyTorch; weights are read from what Keras drew.
import numpy as np
import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self, scale, offset=0.0):
        super().__init__()
        self.scale, self.offset = scale, offset

    def forward(self, x):
        return x.float() * self.scale + self.offset


class FlattenChannelsLast(nn.Module):
    """Keras flattens (height, width, channels)."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def mlp(classes, dropout):
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, classes))


def mnist_cnn(classes, dropout):
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        FlattenChannelsLast(), nn.Dropout(0.5 if dropout else 0.0), nn.Linear(1600, classes))


def cnn128(classes, dropout):
    return nn.Sequential(
        Scale(1 / 255),
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        FlattenChannelsLast(), nn.Linear(16384, 128), nn.ReLU(), nn.Linear(128, classes))


def normalized(inputs, outputs, kernel, stride=1, padding=0):
    return [nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.BatchNorm2d(outputs, eps=1.001e-5, momentum=0.01)]


class Bottleneck(nn.Module):
    """ResNet version 1 as Keras builds it: the stride sits in the first 1x1 convolution. Modules stand in Keras's order."""

    def __init__(self, inputs, width, stride, project):
        super().__init__()
        self.shortcut = nn.Sequential(*normalized(inputs, 4 * width, 1, stride)) if project else nn.Identity()
        self.body = nn.Sequential(*normalized(inputs, width, 1, stride), nn.ReLU(),
                                  *normalized(width, width, 3, padding=1), nn.ReLU(), *normalized(width, 4 * width, 1))

    def forward(self, x):
        return torch.relu(self.shortcut(x) + self.body(x))


def resnet50(classes, dropout):
    modules = [Scale(1 / 127.5, -1.0), *normalized(3, 64, 7, 2, 3), nn.ReLU(), nn.ZeroPad2d(1), nn.MaxPool2d(3, 2)]
    inputs = 64
    for width, blocks, stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for block in range(blocks):
            modules.append(Bottleneck(inputs, width, stride if block == 0 else 1, block == 0))
            inputs = 4 * width
    return nn.Sequential(*modules, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


class LastOutput(nn.Module):
    def forward(self, outputs_and_states):
        return outputs_and_states[0][:, -1]


def lstm(classes, dropout):
    return nn.Sequential(nn.Embedding(20000, 128), nn.LSTM(128, 128, batch_first=True), LastOutput(), nn.Linear(128, classes))


class Encoder(nn.Module):
    """A block of self-attention and one of two dense layers, each with its residual and a normalization behind it."""

    def __init__(self, width, heads):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.attended = nn.LayerNorm(width, eps=1e-6)
        self.hidden, self.output = nn.Linear(width, width), nn.Linear(width, width)
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        x = self.attended(x + self.attention(x, x, x, need_weights=False)[0])
        return self.norm(x + self.output(torch.relu(self.hidden(x))))


class MeanOverTokens(nn.Module):
    def forward(self, x):
        return x.mean(1)


def transformer(classes, dropout):
    return nn.Sequential(nn.Embedding(20000, 64), Encoder(64, 2), Encoder(64, 2), MeanOverTokens(), nn.Linear(64, classes))


def doubled(inputs, filters):
    return nn.Sequential(nn.Conv2d(inputs, filters, 3, padding=1), nn.ReLU(), nn.Conv2d(filters, filters, 3, padding=1), nn.ReLU())


class UNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.scale = Scale(1 / 255)
        self.down = nn.ModuleList([doubled(3, 32), doubled(32, 64), doubled(64, 128)])
        self.bottom = doubled(128, 256)
        self.up = nn.ModuleList()
        for filters in (128, 64, 32):
            self.up.append(nn.ModuleList([nn.ConvTranspose2d(2 * filters, filters, 2, 2), doubled(2 * filters, filters)]))
        self.pixels = nn.Conv2d(32, classes, 1)

    def forward(self, x):
        x, skipped = self.scale(x), []
        for block in self.down:
            skipped.append(block(x))
            x = nn.functional.max_pool2d(skipped[-1], 2)
        x = self.bottom(x)
        for transposed, block in self.up:
            x = block(torch.cat([transposed(x), skipped.pop()], 1))
        return self.pixels(x)


def unet(classes, dropout):
    return UNet(classes)


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        width = inputs * expansion

        def normalized(convolution, channels):
            return [convolution, nn.BatchNorm2d(channels, eps=1e-3, momentum=0.001)]

        modules = []
        if expansion > 1:
            modules += [*normalized(nn.Conv2d(inputs, width, 1, bias=False), width), nn.ReLU6()]
        # Keras pads below and to the right alone when the stride is 2.
        padding = [nn.ZeroPad2d((0, 1, 0, 1))] if stride == 2 else []
        depthwise = nn.Conv2d(width, width, 3, stride, 0 if stride == 2 else 1, groups=width, bias=False)
        modules += [*padding, *normalized(depthwise, width), nn.ReLU6()]
        self.body = nn.Sequential(*modules, *normalized(nn.Conv2d(width, outputs, 1, bias=False), outputs))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


def mobilenetv2(classes, dropout):
    modules = [Scale(1 / 127.5, -1.0), nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 32, 3, 2, bias=False),
               nn.BatchNorm2d(32, eps=1e-3, momentum=0.001), nn.ReLU6()]
    inputs = 32
    for expansion, outputs, blocks, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                                               (6, 320, 1, 1)]:
        for block in range(blocks):
            modules.append(InvertedResidual(inputs, outputs, stride if block == 0 else 1, expansion))
            inputs = outputs
    return nn.Sequential(*modules, nn.Conv2d(inputs, 1280, 1, bias=False), nn.BatchNorm2d(1280, eps=1e-3, momentum=0.001), nn.ReLU6(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, classes))


def keras_names(case):
    """For networks whose Keras order differs from the order of modules: names of Keras layers in the order of ours."""
    if case.network != 'resnet50':
        return None
    names = ['conv1_conv', 'conv1_bn']
    for stage, blocks in [(2, 3), (3, 4), (4, 6), (5, 3)]:
        for block in range(1, blocks + 1):
            for part in ([0] if block == 1 else []) + [1, 2, 3]:
                names += [f'conv{stage}_block{block}_{part}_conv', f'conv{stage}_block{block}_{part}_bn']
    return names + ['predictions']


def load_weights(model, case, path):
    stored = np.load(path)
    layers = list(dict.fromkeys(name.split('/')[0] for name in stored.files))
    kinds = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, nn.LayerNorm, nn.Embedding, nn.LSTM, nn.MultiheadAttention)
    modules = [m for name, m in model.named_modules() if isinstance(m, kinds) and not name.endswith('out_proj')]
    names = keras_names(case) or layers
    assert sorted(names) == sorted(layers) and len(names) == len(modules)
    with torch.no_grad():
        for module, name in zip(modules, names):
            def value(variable):
                return torch.from_numpy(stored[f'{name}/{variable}'])
            if isinstance(module, nn.Linear):
                module.weight.copy_(value('kernel').T)
                module.bias.copy_(value('bias'))
            elif isinstance(module, nn.Embedding):
                module.weight.copy_(value('embeddings'))
            elif isinstance(module, nn.LSTM):  # gates in the same order; one bias is enough
                module.weight_ih_l0.copy_(value('kernel').T)
                module.weight_hh_l0.copy_(value('recurrent_kernel').T)
                module.bias_ih_l0.copy_(value('bias'))
                module.bias_hh_l0.zero_()
                module.bias_hh_l0.requires_grad_(False)
            elif isinstance(module, nn.MultiheadAttention):
                width = module.embed_dim
                for part, which in enumerate(('query', 'key', 'value')):
                    module.in_proj_weight[part * width:(part + 1) * width].copy_(value(which + '/kernel').reshape(width, width).T)
                    module.in_proj_bias[part * width:(part + 1) * width].copy_(value(which + '/bias').reshape(width))
                module.out_proj.weight.copy_(value('attention_output/kernel').reshape(width, width).T)
                module.out_proj.bias.copy_(value('attention_output/bias'))
            elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                depthwise = module.groups > 1  # (height, width, channels, 1)
                module.weight.copy_(value('kernel').permute(*((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))))
                if module.bias is not None:
                    module.bias.copy_(value('bias'))
            else:
                module.weight.copy_(value('gamma'))
                module.bias.copy_(value('beta'))


def build(case, weights, dropout=True):
    model = globals()[case.network](case.classes, dropout)
    load_weights(model, case, weights)
    return model.to(memory_format=torch.channels_last if case.channels_last else torch.contiguous_format)


def optimizer_for(model, case):
    if case.optimizer == 'sgd':
        return torch.optim.SGD(model.parameters(), lr=case.learning_rate, fused=True)
    return torch.optim.Adam(model.parameters(), lr=case.learning_rate, eps=1e-7, fused=True)
