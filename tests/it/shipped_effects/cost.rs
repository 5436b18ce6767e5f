//! What effects cost is measured as everything else is.

use crate::program::{masque, stderr};

#[test]
fn bench_says_how_many_times_as_much_another_look_costs() {
    let folder = tempfile::tempdir().unwrap();
    let look = "[[effects]]\neffect = \"crt\"\n\n[[clothes.effects]]\neffect = \"pixel_mosaic\"\n";
    std::fs::write(folder.path().join("two.toml"), look).unwrap();
    let output = masque(folder.path())
        .args(["bench", "demo:", "--frames", "3", "--size", "160x90", "--json", "first.json"])
        .args(["--look", "cabaret", "--against", "two.toml"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", stderr(&output));
    let ratio = text.lines().find(|line| line.contains("with two.toml")).expect("a line with the ratio");
    let words: Vec<&str> = ratio.split_whitespace().collect();
    let times: f64 = words[words.len() - 2].parse().unwrap();
    assert!(words.last() == Some(&"times") && times > 0.0, "{ratio}");
    let tables = text.lines().filter(|line| line.starts_with("compose ")).count();
    assert_eq!(tables, 2, "one table for each look: {text}");
    assert!(folder.path().join("first.json").exists());
}
