//! What is done to decoded pictures before they come through the pipe.

use super::report::Coding;

/// Pixels that are not square are made square; everything is brought to limited range, because not every
/// FFmpeg converts full range of itself when the pixel format changes. Rotation is applied before.
const SCALE: &str = "scale=w='if(gt(abs(sar-1),0.001),min(max(8192,iw),trunc(iw*clip(sar,0.2,5)/2+0.5)*2),iw)':h=ih:out_range=tv";
/// To light, to the colours of BT.709, to the range of a screen (after Hable), and back to what is coded.
const TONE_MAP: &str = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,\
                        zscale=t=bt709:m=bt709:r=tv,format=yuv420p,";

/// What is done to colours that screens of standard range cannot show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Development {
    /// Nothing: they can.
    None,
    /// High dynamic range (PQ, HLG) is brought to that of a screen.
    ToneMapped,
    /// YUV of BT.2020 in standard range is made that of BT.709; its widest colours are a little paler than they should be.
    Converted,
    /// Nothing, although it should be: this ffmpeg cannot, or it is a stream. Colours are pale or dark.
    Refused,
}

impl Development {
    pub(super) fn for_coding(coding: &Coding) -> Self {
        match coding {
            coding if coding.is_hdr() => Self::ToneMapped,
            coding if coding.is_wide() => Self::Converted,
            _ => Self::None,
        }
    }
}

pub(super) fn filters(development: Development) -> String {
    let (before, matrix) = match development {
        Development::ToneMapped => (TONE_MAP, ""),
        Development::Converted => ("", ":out_color_matrix=bt709"),
        Development::None | Development::Refused => ("", ""),
    };
    format!("{before}{SCALE}{matrix},setsar=1,format=nv12,showinfo=checksum=0")
}
