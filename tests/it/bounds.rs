//! Everything that may hold memory is on one list, and the list is what the documentation shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use masque::cli::bounds;
use masque::memory::{Each, bounds_table};

/// Words of a file that make something that grows, and where they may stand without a bound of their own.
const GROWING: [&str; 8] = [
    "bounded(",
    "bounded::<",
    "mpsc::",
    "sync_channel",
    "async_channel",
    "ArrayQueue",
    "SegQueue",
    "VecDeque<",
];
/// Wraps what the others use; wakes the main loop below the room of bounds; keeps the event log, which is listed by
/// that room; watches files, a thread each, where it is listed.
const EXEMPT: [&str; 4] =
    ["src/memory/queue.rs", "src/schedule/runner.rs", "src/stats/mod.rs", "src/watch/mod.rs"];

/// What a resource or a static may grow by.
const COLLECTIONS: [&str; 5] = ["HashMap<", "BTreeMap<", "HashSet<", "BTreeSet<", "Vec<"];
/// Those of files without a bound of their own, and what bounds them.
const BOUNDED_ELSEWHERE: [(&str, &str); 11] = [
    ("src/cli/bench_capture.rs", "a time for each picture of the measurement"),
    ("src/cli/bench_record.rs", "a time for each picture of the measurement"),
    ("src/compositor/convert.rs", "one for each pixel format and colour space"),
    ("src/compositor/matte/shape.rs", "one for each region"),
    ("src/effect/library.rs", "`effect.files`"),
    ("src/look/wardrobe.rs", "`look.worn`: the effects' images of a look, whose file has a largest size"),
    ("src/models/session/shared.rs", "a name for each model of the manifest"),
    ("src/panel/lists.rs", "cameras of the machine, and looks, of which there are as many as `look.folder`"),
    ("src/perception/objects/finder.rs", "a name for each zone of a run, eight at most"),
    ("src/panel/view.rs", "the last events, a fixed number"),
    ("src/look/shelf/mod.rs", "`look.folder`"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match path.is_dir() {
            true => rust_files(&path, found),
            false if path.extension().is_some_and(|end| end == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The program's part of a file: tests come last and may hold what they like.
fn program_text(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

#[test]
fn every_bound_has_a_name_of_its_own_and_a_size() {
    let mut names = BTreeSet::new();
    for bound in bounds() {
        assert!(names.insert(bound.name), "{} is there twice", bound.name);
        assert!(bound.most > 0 && !bound.holds.is_empty() && !bound.when_full.is_empty(), "{bound:?}");
        assert!(root().join(bound.file).is_file(), "{bound:?}");
    }
    for bound in bounds() {
        match bound.each {
            Each::In(place) => assert!(names.contains(place), "{}: there is no {place}", bound.name),
            Each::Bytes(bytes) | Each::Gpu(bytes) => assert!(bytes > 0, "{bound:?}"),
        }
    }
}

#[test]
fn nothing_that_grows_is_left_out_of_the_list() {
    let listed: BTreeMap<&str, usize> = bounds().fold(BTreeMap::new(), |mut files, bound| {
        *files.entry(bound.file).or_default() += 1;
        files
    });
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    assert!(files.len() > 100, "the program is there");
    for path in files {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
        if EXEMPT.contains(&name) || name.ends_with("/tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in program_text(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            let Some(word) = GROWING.into_iter().find(|word| code.contains(word)) else { continue };
            let at = format!("{name}:{}: {}", number + 1, line.trim());
            assert_eq!(word, "VecDeque<", "{at}\nmake it with memory::queue, which wants a Bound");
            assert!(listed.contains_key(name), "{at}\ndeclare a Bound beside it and list it in its room");
        }
        // A queue is made from a bound of the same file, or of the room's door.
        let queues = program_text(&text).matches("queue(&").count() + text.matches("newest_wins(&").count();
        let room = path.parent().unwrap().join("mod.rs");
        let door = room.strip_prefix(root()).unwrap().to_str().unwrap();
        let declared = listed.get(name).or(listed.get(door)).copied().unwrap_or(0);
        assert!(queues <= declared, "{name} makes {queues} queues and lists {declared} bounds");
    }
}

/// Fields of resources, and statics, that hold a collection: the line of each. What is not seen: collections in types that
/// a resource holds, in components, in locals of systems and of threads, and in what a closure keeps.
fn held_collections(text: &str) -> Vec<String> {
    let holds = |line: &str| COLLECTIONS.iter().any(|word| line.contains(word));
    let (mut found, mut derives, mut inside) = (Vec::new(), false, false);
    for line in program_text(text).lines() {
        let code = line.split("//").next().unwrap_or(line).trim_end();
        let begins = derives && code.contains("struct ");
        if code.starts_with("#[derive(") {
            derives = code.contains("Resource");
        }
        if (begins || inside || code.trim_start().starts_with("static ")) && holds(code) {
            found.push(code.trim().to_owned());
        }
        if begins {
            (derives, inside) = (false, code.ends_with('{'));
        } else if code == "}" {
            inside = false;
        }
    }
    found
}

#[test]
fn what_a_resource_collects_has_a_bound() {
    let listed: BTreeSet<&str> = bounds().map(|bound| bound.file).collect();
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut seen = BTreeSet::new();
    for path in files {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let collections = held_collections(&std::fs::read_to_string(&path).unwrap());
        if collections.is_empty() || listed.contains(&*name) || name.contains("/tests") {
            continue;
        }
        let known = BOUNDED_ELSEWHERE.iter().find(|(file, _)| *file == name);
        assert!(
            known.is_some(),
            "{name}: {collections:?}\ndeclare a Bound beside it, or say in this test what bounds it"
        );
        seen.insert(name);
    }
    for (file, _) in BOUNDED_ELSEWHERE {
        assert!(seen.contains(file), "{file} holds nothing any more that has to be named here");
    }
}

#[test]
fn the_architecture_shows_the_list() {
    const BEGIN: &str = "<!-- bounds: made from the list in the program; see tests/it/bounds.rs -->\n";
    const END: &str = "<!-- end of bounds -->\n";
    let path = root().join("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table begins");
    let (shown, after) = rest.split_once(END).expect("the table ends");
    let table = bounds_table(bounds());
    if std::env::var_os("MASQUE_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(shown, table, "ARCHITECTURE.md is behind; set MASQUE_WRITE_DOCS=1 and run this test");
}
