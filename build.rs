fn main() {
    println!("cargo:rustc-cfg=masque_bevy");
    println!("cargo:rustc-check-cfg=cfg(masque_bevy)");
}
