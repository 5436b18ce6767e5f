#!/usr/bin/env bash
# Tests cameras on the kernel's own test camera (vivid) in a virtual machine: no camera and no rights are needed.
#
#   tests/vm/run.sh [SCENARIO…]     default: all of tests/vm/guest.sh, in their order; `replug=200` runs one with a number
#
# Environment: PROBE (a built examples/probe; default: built here), VM_CACHE (kernel and modules, kept between runs),
# VM_MEMORY in MiB (1024), VM_TIMEOUT in seconds (1800), VM_LOG (where the console goes as well).
# Plain emulation: it boots in ten seconds, and everything in it is some ten times slower than here.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/masque/vm}
PATH="$HOME/.cargo/bin:$PATH:/sbin:/usr/sbin"

need() {
    local missing=() package
    for package in "$@"; do
        command -v "${package#*=}" >/dev/null 2>&1 || missing+=("${package%=*}")
    done
    [[ ${#missing[@]} -eq 0 ]] && return
    printf 'vm: missing: %s\nvm: type: sudo apt-get install %s\n' "${missing[*]}" "${missing[*]}" >&2
    exit 2
}
need qemu-system-x86=qemu-system-x86_64 busybox-static=busybox v4l-utils=v4l2-ctl zstd=zstd cpio=cpio kmod=depmod \
    dpkg=dpkg-deb apt=apt-get xz-utils=xz
if ldd "$(command -v busybox)" >/dev/null 2>&1; then
    echo 'vm: busybox is linked dynamically; type: sudo apt-get install busybox-static' >&2
    exit 2
fi

# The kernel of Debian stable, unpacked and not installed.
kernel() {
    mkdir -p "$cache"
    [[ -f $cache/vmlinuz ]] && return
    local package
    package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
    [[ -n $package ]] || { echo 'vm: no kernel package is known; type: sudo apt-get update' >&2; exit 2; }
    echo "vm: fetching $package" >&2
    (cd "$cache" && apt-get -q download "$package" >/dev/null && dpkg-deb -x "$package"_*.deb tree && rm -f "$package"_*.deb)
    depmod -b "$cache/tree" "$(ls "$cache/tree/lib/modules")"
    cp "$cache"/tree/boot/vmlinuz-* "$cache/vmlinuz"
}

# put PROGRAM: copies it with its libraries.
put() {
    local program library
    program=$(command -v "$1")
    cp -L "$program" "$root/bin/"
    { ldd "$program" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
        mkdir -p "$root${library%/*}"
        [[ -e $root$library ]] || cp -L "$library" "$root$library"
    done
}

# The modules named, with what they need.
modules() {
    local name=$1 version tree path
    shift
    version=$(ls "$cache/tree/lib/modules")
    tree=$cache/tree/lib/modules/$version
    for name in "$name" "$@"; do
        grep -E "/$name\.ko(\.xz)?:" "$tree/modules.dep" | tr -d : | tr ' ' '\n'
    done | sort -u | while read -r path; do
        [[ -n $path ]] || continue
        mkdir -p "$root/lib/modules/$version/${path%/*}"
        if [[ $path == *.xz ]]; then
            xz -dc "$tree/$path" >"$root/lib/modules/$version/${path%.xz}"
        else
            cp "$tree/$path" "$root/lib/modules/$version/$path"
        fi
    done
    cp "$tree"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$version/"
    depmod -b "$root" "$version"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,sbin,proc,sys,dev,tmp,etc}

if [[ -z ${PROBE:-} ]]; then
    (cd "$here/../.." && cargo build --locked --example probe)
    PROBE=${CARGO_TARGET_DIR:-$here/../../target}/debug/examples/probe
fi
kernel
modules vivid
put busybox
put v4l2-ctl
put "$PROBE"
[[ -e $root/bin/probe ]] || mv "$root/bin/${PROBE##*/}" "$root/bin/probe"
strip "$root/bin/probe" 2>/dev/null || true
cp "$here/guest.sh" "$root/guest.sh"
printf '%s\n' "$@" >"$root/scenarios"
cat >"$root/init" <<'END'
#!/bin/busybox sh
export PATH=/bin:/sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
sh /guest.sh $(cat /scenarios)
sync
poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | zstd -3 -q -o "$work/initrd")

log=${VM_LOG:-$work/console}
timeout "${VM_TIMEOUT:-1800}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m "${VM_MEMORY:-1024}" \
    -nodefaults -no-reboot -display none -serial stdio -kernel "$cache/vmlinuz" -initrd "$work/initrd" \
    -append 'console=ttyS0 quiet loglevel=3 panic=-1' </dev/null | tee "$log" || echo 'vm: it was ended by the clock' >&2
# The last line of guest.sh: without it, the machine died on the way.
grep -q '^RESULT [0-9]* passed, 0 failed' "$log"
