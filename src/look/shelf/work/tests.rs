use super::*;
use crate::stats::Stats;

struct Shelf {
    folder: tempfile::TempDir,
    look: Look,
    worn: WornLook,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, look: Look::default(), worn: WornLook::default() }
    }

    fn library(&self) -> LookLibrary {
        LookLibrary::open(self.folder.path().join("looks"), &Stats::default()).expect("readable").0
    }

    fn wear(&mut self, name: &str) {
        let loaded = self.library().load(Some(name), &TextureLibrary::default()).expect("a look");
        self.worn = WornLook { origin: loaded.origin, kept: Some(loaded.look.clone()) };
        self.look = loaded.look;
    }

    fn order(&mut self, order: LookOrder) -> Result<String, LookOrderError> {
        let job = Job {
            order,
            library: self.library(),
            look: self.look.clone(),
            worn: self.worn.clone(),
            writer: None,
            textures: TextureLibrary::default(),
        };
        let outcome = job.run()?;
        assert_eq!(outcome.own, self.library().own, "what is told is what is there");
        match outcome.worn {
            Worn::Stays => {}
            Worn::Kept { path, kept, .. } => {
                self.look.name.clone_from(&kept.name);
                self.worn = WornLook { origin: LookOrigin::File(path), kept: Some(*kept) };
            }
            Worn::Deleted => self.worn = WornLook::default(),
        }
        Ok(outcome.said)
    }

    /// The files below the folder of looks, each with what it holds.
    fn files(&self) -> BTreeMap<String, String> {
        let looks = self.folder.path().join("looks");
        let mut files = BTreeMap::new();
        for folder in [looks.clone(), looks.join(TRASH)] {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if let Ok(text) = fs::read_to_string(entry.path()) {
                    let name = entry.path().strip_prefix(&looks).expect("below").display().to_string();
                    files.insert(name, text);
                }
            }
        }
        files
    }

    fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }
}

fn save_as(name: &str, replace: bool) -> LookOrder {
    LookOrder::SaveAs { name: name.into(), replace }
}

#[test]
fn a_shipped_look_is_saved_as_the_users_own_and_found_again() {
    let mut shelf = Shelf::new();
    shelf.wear("cabaret");
    shelf.look.lips.opacity = 0.5;
    shelf.order(LookOrder::Save).expect("saved");
    assert_eq!(shelf.names(), ["cabaret.toml"]);
    assert!(!shelf.worn.is_edited(&shelf.look));
    shelf.look.lips.opacity = 0.25;
    assert!(shelf.worn.is_edited(&shelf.look));
    shelf.order(LookOrder::Save).expect("saved again");
    shelf.wear("cabaret");
    assert_eq!(shelf.look.lips.opacity, 0.25, "the user's own is worn now");
    shelf.order(LookOrder::Delete { name: "cabaret".into() }).expect("deleted");
    shelf.wear("cabaret");
    assert_eq!((shelf.look.lips.opacity, &shelf.worn.origin), (0.85, &LookOrigin::Shipped("cabaret".into())));
    assert!(matches!(
        shelf.order(LookOrder::Delete { name: "cabaret".into() }),
        Err(LookOrderError::Shipped { .. })
    ));
}

#[test]
fn what_was_made_here_needs_a_name_and_nothing_is_overwritten_unasked() {
    let mut shelf = Shelf::new();
    shelf.look.hair.tint = [0.0, 1.0, 0.0];
    assert!(matches!(shelf.order(LookOrder::Save), Err(LookOrderError::NoName)));
    shelf.order(save_as("Green hair", false)).expect("saved");
    assert_eq!((shelf.look.name.as_str(), shelf.worn.origin.name()), ("Green hair", Some("Green hair")));
    let green = shelf.files()["Green hair.toml"].clone();
    shelf.look.hair.tint = [1.0, 0.0, 0.0];
    assert!(matches!(shelf.order(save_as("Green hair", false)), Err(LookOrderError::Exists { .. })));
    assert_eq!(shelf.files()["Green hair.toml"], green, "it is as it was");
    shelf.order(save_as("Green hair", true)).expect("replaced");
    let files = shelf.files();
    assert_ne!(files["Green hair.toml"], green);
    assert_eq!(files[".trash/Green hair.toml"], green, "what was replaced is kept");
    for bad in ["", "../out", "a/b", ".hidden"] {
        assert!(matches!(shelf.order(save_as(bad, true)), Err(LookOrderError::Name { .. })), "{bad}");
    }
    assert_eq!(shelf.files(), files);
}

#[test]
fn a_copy_has_a_name_of_its_own_and_comments_come_along() {
    let mut shelf = Shelf::new();
    let duplicate =
        |copy: Option<&str>| LookOrder::Duplicate { name: "winter".into(), copy: copy.map(str::to_owned) };
    shelf.order(duplicate(None)).expect("copied");
    shelf.order(duplicate(None)).expect("copied");
    shelf.order(duplicate(Some("Frost"))).expect("copied");
    assert_eq!(shelf.names(), ["Frost.toml", "winter copy 2.toml", "winter copy.toml"]);
    assert!(matches!(shelf.order(duplicate(Some("Frost"))), Err(LookOrderError::Exists { .. })));
    let path = shelf.folder.path().join("looks/Frost.toml");
    fs::write(&path, "# cold\nname = \"x\" # title\n").expect("written");
    let copy = LookOrder::Duplicate { name: "Frost".into(), copy: Some("Ice".into()) };
    shelf.order(copy).expect("copied");
    assert_eq!(shelf.files()["Ice.toml"], "# cold\nname = \"Ice\" # title\n");
    let missing = LookOrder::Duplicate { name: "none".into(), copy: None };
    assert!(matches!(shelf.order(missing), Err(LookOrderError::Missing { .. })));
}

#[test]
fn a_renamed_look_is_worn_on_and_one_that_is_deleted_is_kept() {
    let mut shelf = Shelf::new();
    shelf.look.hair.opacity = 0.5;
    shelf.order(save_as("One", false)).expect("saved");
    shelf.look.hair.opacity = 0.75;
    let rename = |from: &str, to: &str| LookOrder::Rename { name: from.into(), to: to.into() };
    shelf.order(rename("One", "Two")).expect("renamed");
    assert_eq!(shelf.names(), ["Two.toml"]);
    assert_eq!((shelf.look.name.as_str(), shelf.worn.origin.name()), ("Two", Some("Two")));
    assert!(shelf.worn.is_edited(&shelf.look), "what was not saved is still not saved");
    shelf.order(save_as("Three", false)).expect("saved");
    assert!(matches!(shelf.order(rename("Two", "Three")), Err(LookOrderError::Exists { .. })));
    assert!(matches!(shelf.order(rename("gallery", "Mine")), Err(LookOrderError::Shipped { .. })));

    for _ in 0..2 {
        shelf.order(LookOrder::Delete { name: "Three".into() }).expect("deleted");
        assert_eq!(shelf.worn.origin, LookOrigin::Made, "saving asks for a name now");
        shelf.order(save_as("Three", false)).expect("saved");
    }
    let names = shelf.names();
    assert_eq!(names, [".trash/Three 2.toml", ".trash/Three.toml", "Three.toml", "Two.toml"]);
    assert!(matches!(
        shelf.order(LookOrder::Delete { name: "none".into() }),
        Err(LookOrderError::Missing { .. })
    ));
}
