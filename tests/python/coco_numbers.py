"""COCO's numbers by pycocotools: coco_numbers.py TRUTH RESULTS OUT.

Writes {"stats": 12 numbers, "precision": [threshold][recall][class][area][detections], "recall": [threshold][class]…}.
Results in images that the truth lacks are left out, which pycocotools refuses.
"""

import contextlib
import json
import sys

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

truth, results, out = sys.argv[1:4]
with contextlib.redirect_stdout(sys.stderr):
    coco = COCO(truth)
    known = set(coco.getImgIds())
    found = [one for one in json.load(open(results)) if one["image_id"] in known]
    judge = COCOeval(coco, coco.loadRes(found), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
with open(out, "w") as file:
    numbers = {"precision": judge.eval["precision"].tolist(), "recall": judge.eval["recall"].tolist()}
    json.dump({"stats": judge.stats.tolist(), **(numbers if len(sys.argv) < 5 else {})}, file)
