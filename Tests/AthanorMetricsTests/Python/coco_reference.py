#!/usr/bin/env python3
"""COCO truth and results files with the numbers pycocotools gives for them.

    coco_reference.py OUT --golden           the named adversarial cases kept in ../Golden
    coco_reference.py OUT --random N --seed S

Writes NAME.truth.json, NAME.results.json and expected.json: {NAME: {stats, perClassAP}}.
Needs pycocotools and numpy.
"""

import argparse
import contextlib
import copy
import io
import json
import os
import random

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def evaluate(truth, results):
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = copy.deepcopy(truth)
        gt.createIndex()
        if results:
            dt = gt.loadRes(copy.deepcopy(results))
        else:  # loadRes looks at the first result
            dt = COCO()
            dt.dataset = {"images": truth["images"], "categories": truth["categories"],
                          "annotations": []}
            dt.createIndex()
        e = COCOeval(gt, dt, "bbox")
        e.evaluate()
        e.accumulate()
        e.summarize()
    per_class = []
    for k in range(len(e.params.catIds)):
        s = e.eval["precision"][:, :, k, 0, 2]
        s = s[s > -1]
        per_class.append(float(np.mean(s)) if s.size else None)
    return {"stats": [float(v) for v in e.stats], "perClassAP": per_class}


class Maker:
    """A random set. Every trait is a way in which evaluations have been known to differ."""

    def __init__(self, r, traits, images=None, classes=None):
        self.r = r
        self.traits = traits
        n = images or r.randint(1, 10)
        k = classes or r.randint(1, 5)
        self.images = r.sample(range(1, 1000), n)
        self.categories = r.sample(range(1, 91), k)
        self.annotations, self.results = [], []

    def length(self):
        r = self.r
        if "sizes" in self.traits:
            return r.choice([31, 32, 32.0, 33, 95, 96, 96, 97, r.uniform(1, 150)])
        if "zero" in self.traits and r.random() < .2:
            return r.choice([0, 0.0, -3])
        if "integers" in self.traits:
            return r.randint(1, 20)
        return r.uniform(1, 140)

    def box(self):
        r = self.r
        if "integers" in self.traits:
            return [r.randint(0, 12), r.randint(0, 12), self.length(), self.length()]
        return [r.uniform(0, 300), r.uniform(0, 300), self.length(), self.length()]

    def score(self):
        r = self.r
        if "ties" in self.traits:
            return r.choice([0.1, 0.5, 0.5, 0.9, 1])
        return r.random()

    def near(self, box):
        r = self.r
        x, y, w, h = box
        kind = r.random()
        if kind < .15:
            return [x, y, w, h]
        if kind < .4:  # an IoU of just a threshold
            part = r.choice([.5, .55, .6, .65, .7, .75, .8, .85, .9, .95])
            return [x, y, w * part, h] if r.random() < .5 else [x, y, w, h * part]
        spread = r.choice([.02, .1, .3])
        if "integers" in self.traits:
            return [x + r.randint(-1, 1), y + r.randint(-1, 1), w, h]
        return [x + w * r.gauss(0, spread), y + h * r.gauss(0, spread),
                w * (1 + r.gauss(0, spread)), h * (1 + r.gauss(0, spread))]

    def make(self):
        r = self.r
        number = 0 if "id0" in self.traits else 1
        silent = set(r.sample(self.categories, r.randint(0, len(self.categories) - 1)))
        for image in self.images:
            if "empty" in self.traits and r.random() < .4:
                if r.random() < .5:
                    self.detect(image, self.box(), r.choice(self.categories))
                continue
            for category in self.categories:
                if "absent" in self.traits and category in silent:
                    if r.random() < .5:
                        self.detect(image, self.box(), category)
                    continue
                for _ in range(r.choice([0, 1, 1, 2, 3, 8])):
                    box = self.box()
                    crowd = int("crowds" in self.traits and r.random() < .35)
                    area = box[2] * box[3]
                    if "areas" in self.traits:
                        area *= r.choice([.3, .6, 1])
                    if "sizes" in self.traits:
                        area = r.choice([1024, 1024.0, 9216, 1023.999, 1024.001, 9216.001, area])
                    self.annotations.append(
                        {"id": number, "image_id": image, "category_id": category, "bbox": box,
                         "area": area, "iscrowd": crowd})
                    number += 1
                    if "twins" in self.traits and r.random() < .4:
                        self.annotations.append(dict(self.annotations[-1], id=number))
                        number += 1
                    for _ in range(r.choice([0, 1, 1, 1, 2, 5])):
                        wrong = r.random() < .05
                        self.detect(image, self.near(box),
                                    r.choice(self.categories) if wrong else category)
                many = 130 if "many" in self.traits and r.random() < .3 else 0
                for _ in range(r.choice([0, 0, 1, 3]) + many):
                    self.detect(image, self.box(), category)
        r.shuffle(self.results)
        truth = {
            "images": [{"id": i, "width": 640, "height": 480} for i in self.images],
            "categories": [{"id": c, "name": f"class {c}"} for c in self.categories],
            "annotations": self.annotations,
        }
        return truth, self.results

    def detect(self, image, box, category):
        self.results.append({"image_id": image, "category_id": category, "bbox": box,
                             "score": self.score()})


TRAITS = ["sizes", "zero", "integers", "ties", "id0", "empty", "absent", "crowds", "areas", "twins",
          "many"]


def golden():
    r = random.Random(7)
    for trait in TRAITS:
        if trait == "many":
            m = Maker(r, [trait], images=1, classes=1)
            box = [10, 10, 40, 40]
            for i in range(130):
                m.detect(m.images[0], [300 + i, 10, 5, 5], m.categories[0])
            m.detect(m.images[0], box, m.categories[0])
            yield "many", ({
                "images": [{"id": m.images[0]}], "categories": [{"id": m.categories[0]}],
                "annotations": [{"id": 1, "image_id": m.images[0], "category_id": m.categories[0],
                                 "bbox": box, "area": 1600, "iscrowd": 0}]}, m.results)
        else:
            yield trait, Maker(r, [trait], images=3, classes=2).make()
    truth, results = Maker(r, ["crowds"], images=2, classes=1).make()
    yield "nothing_detected", (truth, [])
    yield "nothing_there", (dict(truth, annotations=[]), results)


def randoms(count, seed):
    for i in range(count):
        r = random.Random(seed * 1_000_003 + i)
        yield f"random{i:05}", Maker(r, [t for t in TRAITS if r.random() < .35]).make()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    expected = {}
    for name, (truth, results) in golden() if options.golden else randoms(
            options.random, options.seed):
        for kind, value in (("truth", truth), ("results", results)):
            with open(os.path.join(options.out, f"{name}.{kind}.json"), "w") as f:
                json.dump(value, f)
        expected[name] = evaluate(truth, results)
    with open(os.path.join(options.out, "expected.json"), "w") as f:
        json.dump(expected, f, indent=1)


if __name__ == "__main__":
    main()
