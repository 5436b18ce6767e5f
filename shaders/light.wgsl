// The light of the camera's picture on what is worn: shared by everything that dresses. Colours are
// sRGB-encoded throughout, as video is blended.

#define_import_path masque::light

// BT.601.
const LUMA: vec3<f32> = vec3(0.299, 0.587, 0.114);
// Luma of the camera's picture at which a dressed pixel is as bright as its texture, and what is left of
// the texture where the picture is black: dark cloth shows its dress, folds and all.
const KEY_LIGHT: f32 = 0.7;
const AMBIENT: f32 = 0.32;

// How bright a dress is over a pixel of this luma; `shading` is how much of the picture's light stays.
fn light(luma: f32, shading: f32) -> f32 {
    return mix(1.0, min(mix(AMBIENT, 1.0, luma / KEY_LIGHT), 1.2), shading);
}
