//! What FFmpeg's versions call the same thing.

/// The words of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// The option that passes times through: every frame exactly once.
    pub(super) frame_mode: &'static str,
    /// The option that bounds how long an RTSP server may be silent, in microseconds. Before FFmpeg 5
    /// `-timeout` made it wait for an incoming connection instead.
    pub(super) rtsp_timeout: &'static str,
    /// What makes frames keep their sizes when a stream changes them; nothing before FFmpeg 4.4, which scales them to the first.
    pub(super) keep_sizes: Option<&'static str>,
    /// Whether a list of inputs may carry options for its entries: since FFmpeg 5.
    pub(super) lists_take_options: bool,
}

impl Dialect {
    /// Of the version that `ffmpeg -version` names: `5.1.8-0+deb12u1`, `n4.4.2`, `N-109542-g…`. What does
    /// not begin with a release number is a build of the day and speaks the newest.
    pub(super) fn of(version: &str) -> Self {
        let release = version.trim_start_matches('n');
        let mut numbers = release.split(['.', '-', '+']).map(|part| part.parse::<u32>().ok());
        let (major, minor) =
            (numbers.next().flatten().unwrap_or(u32::MAX), numbers.next().flatten().unwrap_or(0));
        Self {
            frame_mode: if (major, minor) < (5, 1) { "-vsync" } else { "-fps_mode" },
            rtsp_timeout: if major < 5 { "stimeout" } else { "timeout" },
            keep_sizes: ((major, minor) >= (4, 4)).then_some("-noautoscale"),
            lists_take_options: major >= 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_releases_are_told_from_new_ones() {
        let words = |version| (Dialect::of(version).frame_mode, Dialect::of(version).rtsp_timeout);
        for version in ["4.4.2-0ubuntu0.22.04.1", "n4.2"] {
            assert_eq!(words(version), ("-vsync", "stimeout"), "{version}");
        }
        assert_eq!(words("5.0.1"), ("-vsync", "timeout"));
        for version in ["5.1.8-0+deb12u1", "7.1-static", "n9.0", "N-109542-gabc", "2024-05-02-git-71669f2ad5"]
        {
            assert_eq!(words(version), ("-fps_mode", "timeout"), "{version}");
        }
    }
}
