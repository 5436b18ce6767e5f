//! The regions a person is parsed into.

/// A region of the picture. The ids are a contract: they are the pixel values that
/// `masque segment` writes, in the order of MediaPipe's multiclass selfie model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Region {
    /// Everything that is no person.
    Background = 0,
    /// Hair of the head and beard where the model says so.
    Hair = 1,
    /// Skin that is not the face: neck, arms, hands.
    BodySkin = 2,
    /// Skin of the face.
    FaceSkin = 3,
    /// Clothes.
    Clothes = 4,
    /// Glasses, hats, jewellery, things held.
    Accessories = 5,
}

impl Region {
    /// How many regions there are.
    pub const COUNT: usize = 6;

    /// All regions in the order of their ids.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Background, Self::Hair, Self::BodySkin, Self::FaceSkin, Self::Clothes, Self::Accessories];

    /// The id, 0 to 5.
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// The id as an index.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name used in looks, parameters and file names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Hair => "hair",
            Self::BodySkin => "body_skin",
            Self::FaceSkin => "face_skin",
            Self::Clothes => "clothes",
            Self::Accessories => "accessories",
        }
    }

    /// The name shown to people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Background => "Background",
            Self::Hair => "Hair",
            Self::BodySkin => "Body skin",
            Self::FaceSkin => "Face skin",
            Self::Clothes => "Clothes",
            Self::Accessories => "Accessories",
        }
    }
}
