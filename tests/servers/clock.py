"""Pictures that show when they were made: the milliseconds of the day as black and white squares.

`clock.py WIDTH HEIGHT RATE [SECONDS]` writes them to standard output as raw I420, in real time. The squares stand in the
upper half of the picture, the lowest bit first, 24 of them in two rows; the colour of the rest tells WIDTH.
"""

import sys
import time

BITS = 24
PER_ROW = 12


def code(width, height, now=None):
    """One picture in I420 that shows `now`, in seconds."""
    milliseconds = int((time.time() if now is None else now) * 1000) % (1 << BITS)
    side = width // PER_ROW
    luma = bytearray()
    for row in range(2):
        line = bytearray()
        for column in range(PER_ROW):
            bit = milliseconds >> (row * PER_ROW + column) & 1
            line += bytes([235 if bit else 16]) * side
        line += bytes([16]) * (width - len(line))
        luma += bytes(line) * (height // 4)
    luma += bytes([126]) * (width * height - len(luma))
    # Blue or red, so that pictures of two sizes are told apart.
    half = (width + 1) // 2 * ((height + 1) // 2)
    u, v = (200, 100) if width < 400 else (100, 200)
    return bytes(luma) + bytes([u]) * half + bytes([v]) * half


def main():
    width, height, rate = (int(word) for word in sys.argv[1:4])
    until = time.time() + float(sys.argv[4]) if len(sys.argv) > 4 else None
    due = time.time()
    while until is None or time.time() < until:
        try:
            sys.stdout.buffer.write(code(width, height))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            return
        due += 1 / rate
        time.sleep(max(0, due - time.time()))


if __name__ == "__main__":
    main()
