# Runs in the virtual machine, as root, with busybox. Prints a line per check and, at the end, how many there were.
# Scenarios are functions called `test_NAME`; `NAME=N` gives one a number.

passed=0
failed=0

pass() { passed=$((passed + 1)); echo "PASS $*"; }
fail() { failed=$((failed + 1)); echo "FAIL $*"; }
# check WHAT CONDITION…: the condition is for `test`.
check() {
    what=$1
    shift
    if [ "$@" ]; then pass "$what"; else fail "$what: [ $* ]"; fi
}

# plug [OPTIONS]: the camera is there when its node is.
plug() {
    modprobe vivid n_devs=1 node_types=0x1 "$@"
    node=
    while [ -z "$node" ]; do
        node=$(ls /dev/video* 2>/dev/null | head -1)
        [ -n "$node" ] || usleep 50000
    done
}
unplug() { modprobe -r vivid; }
control() { v4l2-ctl -d "$node" -c "$1" >/dev/null; }

# watch SOURCE [OPTIONS]: starts the probe; its lines go to /tmp/log.
watch() {
    rm -f /tmp/log /tmp/err
    probe "$@" --every 200 >/tmp/log 2>/tmp/err &
    watcher=$!
}
unwatch() { kill "$watcher" 2>/dev/null; wait "$watcher" 2>/dev/null; }

# number KEY [LINE]: a number of the last line, or of LINE.
number() { echo "${2:-$(tail -1 /tmp/log)}" | sed -n "s/.*\"$1\":\(-\{0,1\}[0-9.]*\).*/\1/p" | cut -d. -f1; }
counter() { n=$(number "$1"); echo "${n:-0}"; }
frames() { n=$(number frames); echo "${n:-0}"; }
state() { tail -1 /tmp/log 2>/dev/null | sed -n 's/.*"state":"\([^"]*\)".*/\1/p'; }
# wait_frames N SECONDS: until N frames were taken.
wait_frames() { wait_for "$2" eval '[ "$(frames)" -ge '"$1"' ]'; }
# wait_for SECONDS COMMAND…
wait_for() {
    until=$(($(date +%s) + $1))
    shift
    while ! "$@"; do
        [ "$(date +%s)" -lt "$until" ] || return 1
        usleep 100000
    done
}
is_live() { [ "$(state)" = Live ]; }
more_frames() { before=$(frames); wait_frames $((before + $1)) "$2"; }

# Every pixel format that the camera offers: some frames, with the right colours, or a sentence.
test_formats() {
    plug
    # Text would lie where the colours are looked at.
    control osd_text_mode=2
    v4l2-ctl -d "$node" --list-formats | sed -n "s/.*: '\([^']*\)'.*/\1/p" | tr -d ' ' >/tmp/formats
    reference=
    opened=0
    refused=
    wrong=
    for format in $(cat /tmp/formats); do
        probe camera: --format "$format" --size 320x180 --rate 30 --frames 5 --seconds 20 >/tmp/log 2>/tmp/err
        if [ "$(frames)" -ge 5 ]; then
            opened=$((opened + 1))
            colors=$(tail -1 /tmp/log | sed 's/.*"colors":\[\[\([^}]*\)\]\].*/\1/; s/[],[]/ /g')
            [ -n "$reference" ] || reference=$colors
            if ! near $colors; then wrong="$wrong $format"; echo "$format: $colors"; fi
        elif tail -1 /tmp/log | grep -q 'does not offer\|not understood'; then
            refused="$refused $format"
        else
            fail "format $format: $(tail -1 /tmp/log | cut -c1-300)"
        fi
    done
    echo "colours in YUYV: $reference"
    echo "refused with a sentence:$refused"
    check "formats: opened $opened of $(wc -l </tmp/formats)" "$opened" -ge 80
    check "formats: colours as in YUYV" -z "$wrong"
    unplug
}
# near R G B R G B …: whether each is near the reference; greys have no colour, few bits are coarse.
near() {
    case $format in GREY | Y10 | Y12 | Y16*) return 0 ;; esac
    case $format in *444 | *12 | RGB1) most=40 ;; *) most=14 ;; esac
    for wanted in $reference; do
        difference=$(($1 - wanted))
        [ "${difference#-}" -le "$most" ] || return 1
        shift
    done
}

test_thousand() {
    plug
    watch camera: --size 640x480 --rate 30 --frames 1000 --seconds 300
    wait "$watcher"
    check "a thousand frames came" "$(frames)" -ge 1000
    check "none was broken" "$(counter camera_frames_broken)" -eq 0
    unplug
}

# Unplugged by the driver while it streams: the node stays, every call fails.
test_disconnect() {
    plug
    watch camera: --size 640x480
    wait_frames 20 30 || fail "disconnect: no frames"
    control disconnect=1
    wait_for 20 left_live || fail "disconnect was not noticed"
    # The node of a disconnected camera goes when its last user has closed it.
    unplug_stubborn && plug
    wait_for 20 is_live && more_frames 5 20 && pass "disconnect: frames come again" || fail "disconnect: $(tail -1 /tmp/log)"
    unwatch
    unplug
}
left_live() { ! is_live; }
# A module in use cannot be removed: it is tried until the watcher has closed the camera.
unplug_stubborn() { wait_for 20 unplug 2>/dev/null; }

# Gone and back under another number, while another camera has its old one.
test_renumber() {
    plug
    watch camera:0 --size 640x480
    wait_frames 20 30 || fail "renumber: no frames"
    control disconnect=1
    unplug_stubborn
    # Numbers from 5 on; a camera of another name takes number 0 first.
    modprobe vivid n_devs=2 node_types=0x1,0x1 vid_cap_nr=5,0
    wait_for 20 is_live && more_frames 5 20 && pass "renumber: frames come again" || fail "renumber: $(tail -1 /tmp/log)"
    is=$(ls -l /proc/"$watcher"/fd | sed -n 's/.*\(\/dev\/video[0-9]*\).*/\1/p' | sort -u)
    check "renumber: the same camera under its new number ($is)" "$is" = /dev/video5
    unwatch
    unplug_stubborn
}

# Another camera stands in where any was good enough, and not where this one was asked for.
test_stand_in() {
    modprobe vivid n_devs=2 node_types=0x1,0x1
    wait_for 10 test -e /dev/video1
    node=/dev/video0
    watch camera:0 --size 640x480
    wait_frames 10 30
    take_away
    sleep 20
    is_live && fail "stand-in: camera:0 is another one now" || pass "camera:0 is waited for"
    unwatch
    unplug_stubborn
    modprobe vivid n_devs=2 node_types=0x1,0x1
    wait_for 10 test -e /dev/video1
    watch camera: --size 640x480
    wait_frames 10 30
    take_away
    wait_for 10 left_live
    wait_for 40 is_live && more_frames 5 20 && pass "any camera: another one stands in" || fail "stand-in: $(tail -1 /tmp/log)"
    check "stand-ins are counted" "$(counter camera_stand_ins)" -ge 1
    unwatch
    unplug_stubborn
}
# A disconnected camera of this driver is back as soon as it is closed: its node has to go as well.
take_away() { control disconnect=1; rm "$node"; }

# A frame that the driver marks as broken is left out.
test_broken() {
    plug
    watch camera: --size 640x480
    wait_frames 10 30
    for time in 1 2 3 4 5; do
        control inject_v4l2_buf_flag_error=1
        usleep 300000
    done
    more_frames 20 20 && pass "broken frames do not end the stream" || fail "broken: $(tail -1 /tmp/log)"
    check "broken frames are counted" "$(counter camera_frames_broken)" -ge 4
    check "it was not opened again" "$(counter source_reconnects)" -eq 0
    unwatch
    unplug
}

# A stream that breaks for good is opened again.
test_fatal() {
    plug
    watch camera: --size 640x480
    wait_frames 10 30
    for time in 1 2 3; do
        control inject_fatal_streaming_error=1
        wait_for 10 left_live
        wait_for 20 is_live && more_frames 5 20 || fail "fatal error $time: $(tail -1 /tmp/log)"
    done
    check "fatal errors: opened again" "$(counter source_reconnects)" -ge 3
    unwatch
    unplug
}

# Calls that fail once while the camera is opened again.
test_calls() {
    plug
    watch camera: --size 640x480
    wait_frames 10 30
    for call in inject_vidioc_reqbufs_error inject_vidioc_qbuf_error inject_vidioc_streamon_error; do
        control "$call=1"
        control inject_fatal_streaming_error=1
        wait_for 10 left_live
        wait_for 30 is_live && more_frames 5 20 && pass "$call" || fail "$call: $(tail -1 /tmp/log)"
    done
    unwatch
    unplug
}

# The camera says nothing for a while, and then goes on.
test_silence() {
    plug
    watch camera: --size 640x480
    wait_frames 10 30
    control percentage_of_dropped_buffers=100
    wait_for 20 left_live && pass "silence is noticed" || fail "silence: $(tail -1 /tmp/log)"
    sleep 15
    control percentage_of_dropped_buffers=0
    wait_for 20 is_live && more_frames 10 20 && pass "silence: frames come again" || fail "silence: $(tail -1 /tmp/log)"
    unwatch
    unplug
}

# Another program has left behind what it liked, and changes it while we run.
test_others() {
    plug
    v4l2-ctl -d "$node" -v width=1280,height=720,pixelformat=HSV3 >/dev/null
    v4l2-ctl -d "$node" -p 12.5 >/dev/null
    watch camera: --size 1280x720
    wait_frames 10 40 && pass "a rate of 12.5 and an unknown format were left behind" || fail "others: $(tail -1 /tmp/log)"
    tail -1 /tmp/log | sed 's/.*"description":"\([^"]*\)".*/opened as: \1/'
    # Input, frequency and standard may be changed under way; the format of a running stream may not.
    v4l2-ctl -d "$node" -v width=320,height=180 >/dev/null 2>&1
    v4l2-ctl -d "$node" -f 400 >/dev/null 2>&1
    v4l2-ctl -d "$node" -i 1 >/dev/null 2>&1
    control brightness=20
    wait_for 20 is_live && more_frames 10 30 && pass "others change size, frequency and input" || fail "others: $(tail -1 /tmp/log)"
    unwatch
    # In use by another program, which ends.
    v4l2-ctl -d "$node" -i 0
    watch camera: --size 640x480
    wait_frames 5 20
    control inject_fatal_streaming_error=1
    v4l2-ctl -d "$node" --stream-mmap --stream-count=100 >/dev/null 2>&1
    wait_for 30 is_live && more_frames 5 20 && pass "in use by another program for a while" || fail "busy: $(tail -1 /tmp/log)"
    unwatch
    unplug
}

# Controls: set, refused with what there is.
test_controls() {
    plug
    probe camera: --size 320x180 --control brightness=200 --control 'Vertical Flip=on' --frames 5 --seconds 20 >/tmp/log
    check "control of a number" "$(v4l2-ctl -d "$node" -C brightness | cut -d' ' -f2)" = 200
    check "control of a switch" "$(v4l2-ctl -d "$node" -C vertical_flip | cut -d' ' -f2)" = 1
    probe camera: --size 320x180 --control zoom=3 --frames 5 --seconds 20 >/tmp/log
    grep -q 'no control zoom; it has brightness (0–255, default 128)' /tmp/log && pass "unknown control" || fail "unknown control: $(tail -1 /tmp/log)"
    for identity in platform:vivid-000 PLATFORM:VIVID-000; do
        probe "camera:@$identity" --size 320x180 --frames 5 --seconds 20 >/tmp/log
        check "found by $identity" "$(frames)" -ge 5
    done
    unplug
}

# Turned and cut.
test_view() {
    plug
    probe camera: --size 640x480 --rotate 90 --crop 10%,0,50%,100% --frames 5 --seconds 20 >/tmp/log
    check "turned and cut: frames" "$(frames)" -ge 5
    unplug
}

# Unplugged and plugged in again, many times. Each time frames must be back 3 s after the device, and nothing may grow.
test_replug() {
    cycles=${1:-20}
    # What is allocated once is there by then.
    settled=$((cycles < 20 ? cycles / 2 : 10))
    plug
    watch camera:0 --size 640x480
    wait_frames 20 30 || fail "replug: no frames"
    slowest=0
    late=0
    cycle=0
    while [ "$cycle" -lt "$cycles" ]; do
        cycle=$((cycle + 1))
        control disconnect=1 2>/dev/null
        unplug_stubborn || { fail "cycle $cycle: the camera is not let go"; break; }
        # Away for up to two seconds, and each third time under another number.
        usleep $((cycle * 37 % 200 * 10000))
        case $((cycle % 3)) in 0) number=3 ;; *) number=0 ;; esac
        modprobe vivid n_devs=1 node_types=0x1 vid_cap_nr=$number
        node=/dev/video$number
        since=$(now)
        seen=$(frames)
        until [ "$(state)" = Live ] && [ "$(frames)" -gt "$seen" ]; do
            [ $(($(now) - since)) -lt 30000 ] || break
            usleep 20000
        done
        took=$(($(now) - since))
        [ "$took" -le "$slowest" ] || slowest=$took
        if [ "$took" -gt 3000 ]; then
            late=$((late + 1))
            echo "cycle $cycle: $took ms"
        fi
        case $cycle in "$settled" | *50 | *00 | "$cycles") usage ;; esac
        [ "$cycle" -ne "$settled" ] || { files=$(number files); threads=$(number threads); rss=$(number rss); }
    done
    check "replug: $cycle cycles, slowest after $slowest ms, $late late" "$late" -eq 0
    check "replug: files $files then, $(number files) now" "$(number files)" -le "$files"
    check "replug: threads $threads then, $(number threads) now" "$(number threads)" -le "$threads"
    check "replug: memory $rss then, $(number rss) now" "$(number rss)" -le $((rss + 2000000))
    check "replug: none left alone" "$(counter capture_threads_detached)" -eq 0
    unwatch
    unplug_stubborn
}
usage() { tail -1 /tmp/log | grep -o '"files":[0-9]*\|"threads":[0-9]*\|"rss":[0-9]*' | tr '\n' ' ' | sed "s/^/after $cycle: /"; echo; }
now() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }

if [ $# -eq 0 ]; then
    set -- $(sed -n 's/^test_\([a-z_]*\)().*/\1/p' /guest.sh)
fi
for scenario; do
    echo "== $scenario"
    "test_${scenario%%=*}" $(echo "$scenario" | sed -n 's/.*=//p')
done
echo "RESULT $passed passed, $failed failed"
