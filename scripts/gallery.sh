#!/usr/bin/env bash
# Renders every shipped look on one clip: docs/gallery/NAME.jpg (at most 40 kB) and, for the panel,
# assets/looks/thumbnails/NAME.jpg (at most 6 kB).
# Usage: scripts/gallery.sh MASQUE CLIP [NAME…]
set -euo pipefail

if [ $# -lt 2 ] || [ ! -f "$2" ]; then
    echo "gallery: there is no clip; type: make gallery CLIP=file.mp4" >&2
    exit 2
fi
masque=$1 clip=$(realpath "$2")
shift 2
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Half a second, cut to what matters.
ffmpeg -v error -y -ss "${GALLERY_START:-26.3}" -i "$clip" -frames:v "${GALLERY_FRAMES:-16}" \
    -vf "${GALLERY_FILTER:-crop=960:540:180:60}" -an -c:v libx264 -crf 8 "$work/clip.mp4"

# The best quality that fits into so many bytes.
shrink() { # FROM TO WIDTH BYTES
    local quality
    for quality in 2 3 4 5 6 8 10 13 17 22 28; do
        ffmpeg -v error -y -i "$1" -vf "scale=$3:-2:flags=lanczos" -q:v "$quality" -update 1 -frames:v 1 "$2"
        [ "$(stat -c %s "$2" 2>/dev/null || stat -f %z "$2")" -le "$4" ] && return
    done
    echo "gallery: $2 has more than $4 bytes" >&2
    return 1
}

mkdir -p docs/gallery assets/looks/thumbnails
[ $# -gt 0 ] || set -- $(cd assets/looks && ls ./*.toml | sed 's|^\./||; s|\.toml$||')
for look in "$@"; do
    "$masque" render "$work/clip.mp4" "$work/$look.mp4" --look "assets/looks/$look.toml" --size 640x360 >/dev/null
    ffmpeg -v error -y -i "$work/$look.mp4" -update 1 "$work/$look.png"
    shrink "$work/$look.png" "docs/gallery/$look.jpg" 640 40960
    shrink "$work/$look.png" "assets/looks/thumbnails/$look.jpg" 192 6144
    [ -z "${GALLERY_KEEP:-}" ] || cp "$work/$look.png" "$GALLERY_KEEP/"
    echo "$look"
done
