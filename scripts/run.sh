#!/usr/bin/env bash
# Starts the mirror: in a window where there is a display, else headless for a few seconds, leaving a
# picture and a film of the demo performer in out/.
# usage: run.sh PROGRAM [ARGUMENT…]
set -euo pipefail

masque=$1
shift

if (($#)); then
    exec "$masque" run "$@"
fi
if [[ -n ${WAYLAND_DISPLAY:-}${DISPLAY:-} ]]; then
    exec "$masque" run
fi

echo "No display: the demo performer is rendered headless for 8 s."
mkdir -p out
"$masque" run demo: --headless --duration 8s --screenshot out/masque.png --record out/masque.mp4
echo "Picture: $PWD/out/masque.png"
echo "Film:    $PWD/out/masque.mp4"
