//! What is done to decoded pictures before they come through the pipe.

use super::report::Coding;

/// Pixels that are not square are made square; everything is brought to limited range, because not every
/// FFmpeg converts full range of itself when the pixel format changes. Rotation is applied before.
const SCALE: &str = "scale=w='if(gt(abs(sar-1),0.001),min(max(8192,iw),trunc(iw*clip(sar,0.2,5)/2+0.5)*2),iw)':h=ih:out_range=tv";
/// From light to the colours of BT.709, to the range of a screen (after Hable), and back to what is coded.
const TONE_MAP: &str = "format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p,";

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

/// The filters for pictures that are coded so.
pub(super) fn filters(development: Development, coding: &Coding) -> String {
    let (before, matrix) = match development {
        Development::ToneMapped => (format!("{},{TONE_MAP}", to_light(coding)), ""),
        Development::Converted => (String::new(), ":out_color_matrix=bt709"),
        Development::None | Development::Refused => (String::new(), ""),
    };
    format!("{before}{SCALE}{matrix},setsar=1,format=nv12,showinfo=checksum=0")
}

/// To linear light. What a file of high dynamic range does not say of itself is taken to be BT.2020.
fn to_light(coding: &Coding) -> String {
    // `tv, bt2020nc/bt2020/smpte2084`: matrix, primaries, transfer.
    let mut named = coding.colors.split(',').find(|part| part.contains('/')).unwrap_or_default().split('/');
    let is_unknown = |name: Option<&str>| name.is_none_or(|name| name.trim() == "unknown");
    let mut filter = "zscale=t=linear:npl=100".to_owned();
    if is_unknown(named.next()) {
        filter += ":min=2020_ncl";
    }
    if is_unknown(named.next()) {
        filter += ":pin=2020:p=2020";
    }
    filter
}
