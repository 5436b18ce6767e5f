//! `--size` and `--fit`: the picture that comes out.

use bevy::math::UVec2;
use clap::{Args, ValueEnum};

use super::size::Size;
use crate::compositor::Fit;

/// Options of every command that draws pictures for somebody.
#[derive(Args, Debug)]
pub(super) struct PictureArgs {
    /// Size of the picture; none takes the source's. Videos have even sides: of odd ones, the next
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// How a source of another shape fills the picture: cover cuts off what stands out, contain shows all of it
    /// between black bars
    #[arg(long, value_enum, default_value_t = FitArg::Cover)]
    fit: FitArg,
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum FitArg {
    Cover,
    Contain,
}

impl PictureArgs {
    /// Columns and rows; none follows the source.
    pub(super) fn size(&self) -> Option<UVec2> {
        self.size.map(|size| size.0)
    }

    /// How the source fills them.
    pub(super) fn fit(&self) -> Fit {
        match self.fit {
            FitArg::Cover => Fit::Cover,
            FitArg::Contain => Fit::Contain,
        }
    }
}
