"""Reads one input's results in all four formats and says where they differ: read_results.py FOLDER."""

import csv
import json
import sys
from pathlib import Path

import pyarrow.parquet
from pycocotools.coco import COCO

folder = Path(sys.argv[1])
lines = [json.loads(line) for line in (folder / "clip.jsonl").open()]
table = pyarrow.parquet.read_table(folder / "clip.parquet").to_pylist()
rows = list(csv.DictReader((folder / "clip.csv").open(newline="")))
coco = COCO(str(folder / "clip.coco.json"))
annotations = coco.loadAnns(coco.getAnnIds())
results = coco.loadRes(coco.dataset["annotations"])

assert len(lines) == len(table) == len(rows) == len(annotations) == len(results.anns), "numbers of detections"
assert list(table[0]) == list(rows[0]), "columns"
for line, exact, row, annotation in zip(lines, table, rows, annotations):
    assert line["id"] == exact["id"] == row["id"], (line, exact)
    assert line["frame"] == exact["frame"] == int(row["frame"]) == annotation["image_id"] - 1, (line, row)
    assert abs(line["time"] - exact["time"]) <= 0.005 + 1e-9 and line["time"] == float(row["time"]), (line, exact)
    name = coco.cats[annotation["category_id"]]["name"]
    assert line["class"] == exact["class"] == row["class"] == name, (line, exact)
    assert exact["class_id"] == int(row["class_id"]), (exact, row)
    assert abs(line["conf"] - exact["confidence"]) < 0.0005001, (line, exact)
    assert line["conf"] == float(row["confidence"]), (line, row)
    assert abs(annotation["score"] - exact["confidence"]) < 1e-6, (annotation, exact)
    edges = [exact[side] for side in ("x", "y", "width", "height")]
    for number, side in enumerate(("x", "y", "width", "height")):
        assert abs(float(row[side]) - edges[number]) < 0.05001, (row, exact)
        assert abs(annotation["bbox"][number] - edges[number]) < 0.00501, (annotation, exact)
        assert abs(line["box"][number] - edges[number]) <= 1.0, (line, exact)
    assert abs(annotation["area"] - edges[2] * edges[3]) < 0.01 * (edges[2] + edges[3]) + 0.01, annotation
    track = line.get("track")
    assert track == exact["track"] == annotation.get("track_id"), (line, exact)
    assert row["track"] == ("" if track is None else str(track)), row
print(f"{len(lines)} detections are the same in four formats")
