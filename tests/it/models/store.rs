//! The store against a server that misbehaves and a cache that rots.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use masque::models::manifest::Manifest;
use masque::models::store::sha256_bytes;
use masque::models::{ModelError, ModelState, ModelStore, Role, Silent, StoreConfig};
use masque::stats::Stats;
use tempfile::TempDir;

use super::files_below;
use super::server::{Answer, Server};

fn content() -> Vec<u8> {
    (0..300_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// Two models of one role; the better one comes from `better`, the other from `other`.
fn manifest(better: &str, other: &str, sha256: &str) -> Manifest {
    let entry = |name: &str, rank: u32, url: &str| {
        format!(
            "[[file]]\nname = '{name}.onnx'\nlicence = 'MIT'\nsha256 = '{sha256}'\nbytes = 300000\n\
             source = [{{ url = '{url}' }}]\n\
             [[model]]\nname = '{name}'\nrole = 'person'\nrank = {rank}\nfile = '{name}.onnx'\n\
             description = ''\ninput = {{ shape = [1, 3, 8, 8], layout = 'NCHW' }}\n"
        )
    };
    let text = format!("folders = []\n{}{}", entry("better", 9, better), entry("other", 1, other));
    Manifest::parse(&text).unwrap()
}

struct Fixture {
    cache: TempDir,
    stats: Stats,
    store: ModelStore,
}

fn fixture(manifest: Manifest) -> Fixture {
    let cache = tempfile::tempdir().unwrap();
    let stats = Stats::default();
    let store = ModelStore::new(manifest, config(cache.path()), &stats);
    Fixture { cache, stats, store }
}

fn config(cache: &Path) -> StoreConfig {
    StoreConfig { cache: cache.to_owned(), folders: Vec::new(), offline: false, force: false }
}

fn partial_files(cache: &Path) -> Vec<PathBuf> {
    let mut files = files_below(cache);
    files.retain(|path| path.extension().is_some_and(|extension| extension == "partial"));
    files
}

const NOWHERE: &str = "http://127.0.0.1:1/model.onnx";

#[test]
fn a_broken_off_download_goes_on_where_it_stopped() {
    let server = Server::start(content(), &[Answer::CutAfter(100_000), Answer::Whole]);
    let on = fixture(manifest(&server.url, NOWHERE, &sha256_bytes(&content())));
    let path = on.store.ensure("better", &Silent).unwrap();
    assert_eq!(fs::read(path).unwrap(), content());
    assert_eq!(server.ranges(), [None, Some("bytes=100000-".to_owned())]);
    assert_eq!(on.stats.counter("model_download_resumes"), 1);
    assert!(partial_files(on.cache.path()).is_empty());
}

#[test]
fn what_an_earlier_process_left_is_used_and_garbage_is_not() {
    for (kept, restarts) in [(content()[..120_000].to_vec(), 0), (vec![7; 120_000], 1)] {
        let server = Server::start(content(), &[Answer::Whole]);
        let on = fixture(manifest(&server.url, NOWHERE, &sha256_bytes(&content())));
        let sources = on.cache.path().join("models/sources");
        fs::create_dir_all(&sources).unwrap();
        fs::write(sources.join("better.onnx.partial"), kept).unwrap();
        let path = on.store.ensure("better", &Silent).unwrap();
        assert_eq!(fs::read(path).unwrap(), content());
        assert_eq!(server.ranges()[0].as_deref(), Some("bytes=120000-"));
        assert_eq!(on.stats.counter("model_download_restarts"), restarts);
        assert!(partial_files(on.cache.path()).is_empty());
    }
}

#[test]
fn a_server_without_ranges_starts_the_file_over() {
    let server = Server::start(content(), &[Answer::CutAfter(50_000), Answer::NoRanges]);
    let on = fixture(manifest(&server.url, NOWHERE, &sha256_bytes(&content())));
    let path = on.store.ensure("better", &Silent).unwrap();
    assert_eq!(fs::read(path).unwrap(), content());
}

#[test]
fn other_content_than_promised_is_named_and_leaves_nothing_behind() {
    let server = Server::start(vec![1; 300_000], &[Answer::Whole]);
    let expected = sha256_bytes(&content());
    let on = fixture(manifest(&server.url, NOWHERE, &expected));
    let error = on.store.ensure("better", &Silent).unwrap_err().to_string();
    assert!(error.contains(&server.url) && error.contains(&expected), "{error}");
    assert!(error.contains(&sha256_bytes(&vec![1; 300_000])), "{error}");
    let left: Vec<_> = files_below(&on.cache.path().join("models"));
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_next_best_model_runs_and_a_dead_source_is_not_asked_again() {
    let dead = Server::start(Vec::new(), &[Answer::Missing]);
    let alive = Server::start(content(), &[Answer::Whole]);
    let manifest = manifest(&dead.url, &alive.url, &sha256_bytes(&content()));
    let on = fixture(manifest.clone());
    assert_eq!(on.store.best(Role::Person, &Silent).unwrap().name, "other");
    assert_eq!(on.stats.counter("model_fallbacks"), 1);
    assert_eq!(dead.ranges().len(), 1);

    let again = || ModelStore::new(manifest.clone(), config(on.cache.path()), &on.stats);
    assert_eq!(again().best(Role::Person, &Silent).unwrap().name, "other");
    assert_eq!(dead.ranges().len(), 1, "asked again within a day");
    let state = again().list().into_iter().find(|row| row.model.name == "better").unwrap().state;
    assert!(matches!(&state, ModelState::Unreachable(reason) if reason.contains("404")), "{state:?}");

    assert_eq!(again().forcing().best(Role::Person, &Silent).unwrap().name, "other");
    assert_eq!(dead.ranges().len(), 2, "pull asks again");
}

#[test]
fn with_nothing_at_all_the_error_says_what_to_do() {
    let on = fixture(manifest(NOWHERE, NOWHERE, &sha256_bytes(&content())));
    let error = on.store.best(Role::Person, &Silent).unwrap_err().to_string();
    for word in ["person", "127.0.0.1", "better.onnx", "MASQUE_MODELS_DIR", "masque models pull"] {
        assert!(error.contains(word), "no {word} in: {error}");
    }
}

#[test]
fn a_users_file_with_the_wrong_content_is_named_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("better.onnx");
    fs::write(&theirs, "not a model").unwrap();
    let on = fixture(manifest(NOWHERE, NOWHERE, &sha256_bytes(&content())));
    let mut config = config(on.cache.path());
    config.folders.push(folder.path().to_owned());
    let store = ModelStore::new(on.store.manifest().clone(), config, &on.stats);
    match store.ensure("better", &Silent).unwrap_err() {
        ModelError::WrongHash { file, expected, found, hint } => {
            assert_eq!(file, theirs);
            assert_eq!(expected, sha256_bytes(&content()));
            assert_eq!(found, sha256_bytes(b"not a model"));
            assert!(hint.contains("masque models pull better"), "{hint}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(fs::read_to_string(theirs).unwrap(), "not a model");
}

#[test]
fn a_rotten_cache_is_made_anew_and_counted() {
    let server = Server::start(content(), &[Answer::Whole]);
    let on = fixture(manifest(&server.url, NOWHERE, &sha256_bytes(&content())));
    let path = on.store.ensure("better", &Silent).unwrap();
    fs::write(&path, "rot").unwrap();
    assert!(matches!(on.store.list()[0].state, ModelState::Damaged(_)));
    assert_eq!(on.store.ensure("better", &Silent).unwrap(), path);
    assert_eq!(fs::read(&path).unwrap(), content());
    assert_eq!(on.stats.counter("model_cache_repaired"), 1);
    assert_eq!(server.ranges().len(), 1, "made again from the kept source");

    fs::write(&path, "rot").unwrap();
    fs::write(on.cache.path().join("models/sources/better.onnx"), "rot").unwrap();
    let verified = on.store.verify(&Silent);
    assert!(verified.len() == 1 && verified[0].repaired, "{verified:?}");
    assert_eq!(fs::read(&path).unwrap(), content());
    assert_eq!(server.ranges().len(), 2, "the source was damaged too, so it was fetched again");
    assert!(!on.store.verify(&Silent)[0].repaired, "nothing left to repair");
}

#[test]
fn two_that_want_the_same_model_fetch_it_once() {
    let server = Server::start(content(), &[Answer::Whole]);
    let on = fixture(manifest(&server.url, NOWHERE, &sha256_bytes(&content())));
    let succeeded = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = ModelStore::new(on.store.manifest().clone(), config(on.cache.path()), &on.stats);
                let path = store.ensure("better", &Silent).unwrap();
                assert_eq!(fs::read(path).unwrap(), content());
                succeeded.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!((succeeded.into_inner(), server.ranges().len()), (4, 1));
}
