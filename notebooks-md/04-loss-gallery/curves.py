"""Asks `athanor loss` for the curve of every loss and writes pixels.tsv and boxes.tsv.

Pixels: 10x10 of them, the left half class 1, each with the probability p of its own class.
Boxes: a unit square, and one like it whose centre is d to the right.
"""
import json
import subprocess

import numpy as np

PIXELS = [
    "cross_entropy", "focal", "bce", "sigmoid_focal", "exponential_logarithmic", "dice",
    "generalized_dice", "jaccard", "tversky", "lovasz_softmax", "boundary",
]
BOXES = ["l1", "smooth_l1", "iou", "giou", "diou", "ciou", "eiou", "siou", "alpha_iou"]


def loss(name, prediction, target, *options):
    np.save("prediction.npy", prediction)
    np.save("target.npy", target)
    command = ["athanor", "loss", name, "--prediction", "prediction.npy"]
    command += ["--target", "target.npy", "--json"]
    for option in options:
        command += ["--set", option]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["loss"]


def table(path, xs, names, value):
    with open(path, "w") as file:
        print("x", *names, sep="\t", file=file)
        for x in xs:
            print(x, *(value(name, x) for name in names), sep="\t", file=file)


labels = np.zeros((1, 10, 10), np.uint8)
labels[:, :, :5] = 1
right = np.eye(2)[labels]


def pixels(name, p):
    return loss(name, (right * np.log(p / (1 - p))).astype(np.float64), labels)


def boxes(name, d):
    options = ["linear=true"] if name == "iou" else []
    truth = np.array([[0.0, 0, 1, 1]])
    return loss(name, truth + [[d, 0, d, 0]], truth, *options)


table("pixels.tsv", np.linspace(0.02, 0.98, 25), PIXELS, pixels)
table("boxes.tsv", np.linspace(0, 3, 25), BOXES, boxes)
