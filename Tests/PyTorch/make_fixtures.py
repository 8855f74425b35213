#!/usr/bin/env python3
"""Writes the `.pth` files beside it with torch.save, and what they hold as safetensors.

state.pth       every type and kind of view that a state dictionary holds, and `_metadata`
protocol5.pth   a part of them, pickled with protocol 5
wrapped.pth     a checkpoint of a training run: weights under `model`, an optimizer, plain values
namespace.pth   the same with argparse's arguments, which is refused
legacy.pth      the format of PyTorch before 1.6, which is refused
"""

import argparse
import pathlib

import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent


def save(state, name, **options):
    torch.save(state, HERE / f"{name}.pth", **options)


def expect(state, name):
    arrays = {key: value.detach().clone().contiguous() for key, value in state.items()}
    save_file(arrays, HERE / f"{name}.safetensors")


torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 2, bias=False), torch.nn.BatchNorm2d(3))
grid = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
parameter = torch.nn.Parameter(torch.tensor([1.5, -2.5]))
parameter.note = "kept beside it"

state = net.state_dict()
state["grid"] = grid
state["transposed"] = grid.permute(2, 0, 1)
state["sliced"] = grid[:, 1:, ::2]
state["tied"] = state["0.weight"]
state["expanded"] = torch.tensor([[3.0]]).expand(2, 3)
state["scalar"] = torch.tensor(-7)
state["empty"] = torch.zeros(0, 4)
state["parameter"] = torch.nn.Parameter(torch.tensor([[1.0, -0.0]]))
state["parameter with state"] = parameter
state["float64"] = torch.tensor([1 / 3, float("inf")], dtype=torch.float64)
state["half"] = torch.tensor([1, -2.5, 65504, 6e-8, float("-inf")]).half()
state["half.transposed"] = torch.arange(6).reshape(2, 3).half().t()
state["bfloat16"] = torch.tensor([1, -3.140625, 1e38]).bfloat16()
state["int32"] = torch.tensor([-1, 2**31 - 1], dtype=torch.int32)
state["int16"] = torch.tensor([-300, 300], dtype=torch.int16)
state["int8"] = torch.tensor([-128, 127], dtype=torch.int8)
state["uint8"] = torch.tensor([0, 255], dtype=torch.uint8)
state["bool"] = torch.tensor([[True, False], [False, True]])
save(state, "state")
expect(state, "state")

part = {key: state[key] for key in ("0.weight", "tied", "sliced", "half")}
save(part, "protocol5", pickle_protocol=5)

weights = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(weights.parameters(), lr=0.1, momentum=0.9)
weights(torch.ones(1, 2)).sum().backward()
optimizer.step()
checkpoint = {
    "epoch": 3,
    "seed": 2**70,
    "best": 0.25,
    "history": [1.0, [2, None], (True, "text")],
    "args": {"lr": 0.1, "betas": (0.9, 0.999)},
    "optimizer": optimizer.state_dict(),
    "model": weights.state_dict(),
}
save(checkpoint, "wrapped")
expect(weights.state_dict(), "wrapped")
save(checkpoint | {"args": argparse.Namespace(lr=0.1)}, "namespace")
save(weights.state_dict(), "legacy", _use_new_zipfile_serialization=False)
