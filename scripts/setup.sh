#!/usr/bin/env bash
# Installs the system packages that are missing: for `run`, or for `test` (adds a virtual display).
# Where it may not install (no root, no passwordless sudo, not Debian) it prints the line to type.
# Takes well under a second when everything is there.
set -euo pipefail

purpose=${1:-run}
PATH="$HOME/.cargo/bin:$PATH:/sbin:/usr/sbin"

say() { printf 'setup: %s\n' "$*" >&2; }

libraries=$(ldconfig -p 2>/dev/null || true)
has_command() { command -v "$1" >/dev/null 2>&1; }
has_library() { [[ $libraries == *"$1"* ]]; }
has_package() { has_command pkg-config && pkg-config --exists "$1"; }
# Not libclang-cpp, which comes with LLVM's tools and is another library.
has_libclang() {
    [[ $libraries == *libclang.so* || $libraries == *libclang-[0-9]* || -n ${LIBCLANG_PATH:-} ]] ||
        compgen -G '/usr/lib/llvm*/lib/libclang.so*' >/dev/null ||
        compgen -G '/usr/lib/llvm*/lib/libclang-[0-9]*' >/dev/null
}
has_vulkan_driver() {
    [[ -n ${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-} ]] ||
        compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null ||
        compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null
}
has_pip() {
    has_command python3 &&
        python3 -c 'import importlib.util as u, sys; sys.exit(u.find_spec("pip") is None)' 2>/dev/null
}
has_ffmpeg() { [[ -n ${MASQUE_FFMPEG:-} ]] || has_command ffmpeg; }

apt=() dnf=() pacman=()
# want DEBIAN FEDORA ARCH PROBE...: the packages that bring what the probe looks for.
want() {
    local debian=$1 fedora=$2 arch=$3
    shift 3
    "$@" && return
    apt+=("$debian") dnf+=("$fedora") pacman+=("$arch")
}

want build-essential gcc base-devel has_command cc
want pkg-config pkgconf pkgconf has_command pkg-config
want libwayland-dev wayland-devel wayland has_package wayland-client
want libxkbcommon-dev libxkbcommon-devel libxkbcommon has_package xkbcommon
want libxkbcommon-x11-0 libxkbcommon-x11 libxkbcommon-x11 has_library libxkbcommon-x11.so.0
want libvulkan1 vulkan-loader vulkan-icd-loader has_library libvulkan.so.1
want mesa-vulkan-drivers mesa-vulkan-drivers vulkan-swrast has_vulkan_driver
want libclang-dev clang-devel clang has_libclang
want ffmpeg ffmpeg-free ffmpeg has_ffmpeg
want python3-pip python3-pip python-pip has_pip
if [[ $purpose == test || -n ${DISPLAY:-} ]]; then
    want libx11-xcb1 libX11-xcb libx11 has_library libX11-xcb.so.1
    want libxcursor1 libXcursor libxcursor has_library libXcursor.so.1
    want libxi6 libXi libxi has_library libXi.so.6
    want libxrandr2 libXrandr libxrandr has_library libXrandr.so.2
fi
if [[ $purpose == test ]]; then
    want xvfb xorg-x11-server-Xvfb xorg-server-xvfb has_command Xvfb
    want xauth xorg-x11-xauth xorg-xauth has_command xauth
fi

install_with_apt() {
    local as_root=("$@")
    say "installing ${apt[*]}"
    local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get install -y -q --no-install-recommends "${apt[@]}")
    # The package lists of a fresh machine are empty or old: they are read only when needed.
    "${install[@]}" >&2 || { "${as_root[@]}" apt-get update -q >&2 && "${install[@]}" >&2; }
}

if ((${#apt[@]})); then
    if has_command apt-get; then
        if [[ $(id -u) == 0 ]]; then
            install_with_apt
        elif has_command sudo && sudo -n true 2>/dev/null; then
            install_with_apt sudo -n
        else
            say "missing system packages. Type: sudo apt install ${apt[*]}"
            exit 1
        fi
    elif has_command dnf; then
        say "missing system packages. Type: sudo dnf install ${dnf[*]}"
        exit 1
    elif has_command pacman; then
        say "missing system packages. Type: sudo pacman -S --needed ${pacman[*]}"
        exit 1
    else
        say "missing what Debian calls ${apt[*]}: install it with this system's package manager"
        exit 1
    fi
fi

if ! has_command cargo; then
    say "Rust is missing. Type: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    exit 1
fi
