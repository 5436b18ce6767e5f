#!/usr/bin/env python3
"""The plain loop that a Python program detects with: what Masque's detections and speed are compared with.

cv2.VideoCapture, letterbox with cv2.resize, onnxruntime, decoding in numpy, cv2.dnn.NMSBoxes per class. For YOLOX
exports whose boxes are not decoded. Writes one line of JSON per detection:
{"input": path, "frame": n, "class": n, "conf": p, "box": [x, y, width, height]}
and on standard output how many frames took how long, without imports and without loading the model.
"""
import argparse
import json
import os
import sys
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a YOLOX .onnx file")
    parser.add_argument("inputs", nargs="+", help="videos or pictures")
    parser.add_argument("--threads", type=int, default=1, help="threads of OpenCV, and of ONNX Runtime in an operator")
    parser.add_argument("--out", help="file for the detections; none are kept without it")
    parser.add_argument("--conf", type=float, default=0.3)
    parser.add_argument("--iou", type=float, default=0.45)
    parser.add_argument("--frames", type=int, default=0, help="at most so many frames of each input")
    return parser.parse_args()


ARGS = arguments()
# FFmpeg inside OpenCV decodes with as many threads as are asked for, no more.
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", f"threads;{ARGS.threads}")

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402


def grid(width, height):
    """Column, row and stride of every cell, the finest grid first."""
    cells = []
    for stride in (8, 16, 32):
        rows, columns = np.mgrid[: height // stride, : width // stride]
        level = np.stack([columns.ravel(), rows.ravel(), np.full(rows.size, stride)], axis=1)
        cells.append(level.astype(np.float32))
    return np.concatenate(cells)


def letterbox(picture, width, height):
    """BGR 0..255 as float32 NCHW, in the upper left corner of grey 114; and the scale."""
    scale = min(height / picture.shape[0], width / picture.shape[1])
    size = (int(picture.shape[1] * scale), int(picture.shape[0] * scale))
    padded = np.full((height, width, 3), 114, np.uint8)
    padded[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32), scale


def detect(session, name, cells, picture, size, conf, iou):
    tensor, scale = letterbox(picture, *size)
    out = session.run(None, {name: tensor})[0][0]
    xy = (out[:, :2] + cells[:, :2]) * cells[:, 2:]
    wh = np.exp(out[:, 2:4]) * cells[:, 2:]
    boxes = np.concatenate([xy - wh / 2, wh], axis=1) / np.float32(scale)
    scores = out[:, 4:5] * out[:, 5:]
    classes = scores.argmax(axis=1)
    best = scores.max(axis=1)
    found = []
    for label in np.unique(classes[best > conf]):
        here = np.flatnonzero((best > conf) & (classes == label))
        kept = cv2.dnn.NMSBoxes(boxes[here].tolist(), best[here].tolist(), conf, iou)
        found += [(int(label), float(best[here[i]]), boxes[here[i]].tolist()) for i in np.ravel(kept)]
    return sorted(found, key=lambda one: -one[1])


def frames_of(path, most):
    if path.lower().endswith((".png", ".jpg", ".jpeg")):
        picture = cv2.imread(path)
        if picture is not None:
            yield picture
        return
    capture = cv2.VideoCapture(path)
    count = 0
    while most == 0 or count < most:
        good, picture = capture.read()
        if not good:
            break
        count += 1
        yield picture
    capture.release()


def main():
    cv2.setNumThreads(ARGS.threads)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = ARGS.threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(ARGS.model, options, providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()[0]
    height, width = inputs.shape[2:]
    cells = grid(width, height)
    out = open(ARGS.out, "w") if ARGS.out else None
    frames = detections = 0
    start = time.perf_counter()
    for path in ARGS.inputs:
        for number, picture in enumerate(frames_of(path, ARGS.frames)):
            found = detect(session, inputs.name, cells, picture, (width, height), ARGS.conf, ARGS.iou)
            frames += 1
            detections += len(found)
            if out:
                for label, conf, box in found:
                    line = {"input": path, "frame": number, "class": label, "conf": conf, "box": box}
                    out.write(json.dumps(line) + "\n")
    seconds = time.perf_counter() - start
    if out:
        out.close()
    print(json.dumps({"frames": frames, "seconds": seconds, "detections": detections, "threads": ARGS.threads}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
