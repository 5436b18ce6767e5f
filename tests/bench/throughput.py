#!/usr/bin/env python3
"""Masque against the plain Python loop (reference_detect.py): the same clips, the same ONNX file, the same number of threads, in
turns, in one run. Prints a table for docs/detect.md.

    tests/bench/throughput.py MASQUE MODEL.onnx CLIP… [--rounds 3] [--threads 2]

Frames per second without start and model loading, on both sides; Masque writes JSON Lines and follows what it finds, the loop keeps
nothing. This interpreter runs the loop: it needs onnxruntime, opencv-python-headless and numpy.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("masque")
    parser.add_argument("model")
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def loop(args, clip):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference_detect.py")
    command = [sys.executable, script, args.model, clip, "--threads", str(args.threads), "--conf", "0.25"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    return report["frames"], report["seconds"], report["detections"]


def masque(args, clip):
    folder = tempfile.mkdtemp()
    try:
        command = [args.masque, "detect", clip, "--out", folder, "--model", args.model, "--threads", str(args.threads)]
        subprocess.run(command, check=True, capture_output=True)
        with open(os.path.join(folder, "manifest.json")) as file:
            report = json.load(file)
        return report["totals"]["frames"], report["timing"]["seconds"], report["totals"]["detections"]
    finally:
        shutil.rmtree(folder)


def main():
    args = arguments()
    print(f"{args.threads} threads, {args.rounds} rounds, median\n")
    print("| clip | frames | Python loop, frames/s | Masque, frames/s | ratio | least ratio of a round |")
    print("| --- | --- | --- | --- | --- | --- |")
    for clip in args.clips:
        rates = []
        for _ in range(args.rounds):
            frames, seconds, _ = loop(args, clip)
            ours, our_seconds, _ = masque(args, clip)
            if frames != ours:
                print(f"{clip}: the loop saw {frames} frames, Masque {ours}", file=sys.stderr)
            rates.append((frames / seconds, ours / our_seconds))
        plain, fast = (statistics.median(column) for column in zip(*rates))
        ratios = [ours / theirs for theirs, ours in rates]
        name = os.path.basename(clip)
        print(f"| {name} | {frames} | {plain:.1f} | {fast:.1f} | {statistics.median(ratios):.2f} | {min(ratios):.2f} |", flush=True)


if __name__ == "__main__":
    main()
