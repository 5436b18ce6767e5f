//! Structs whose fields are parameters.

use std::borrow::Cow;

use super::{Kind, Slot, SlotMut};

/// One parameter of a struct.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Name of the field, and the last part of the parameter's path.
    pub key: Cow<'static, str>,
    /// What it takes.
    pub kind: Kind,
    /// Its name for people, where it is not the key.
    pub(crate) name: Option<Cow<'static, str>>,
    /// Its doc comment, line breaks left out.
    pub(crate) raw_doc: Cow<'static, str>,
}

impl Field {
    /// What it does, in a sentence or two.
    pub fn doc(&self) -> &str {
        self.raw_doc.trim_start()
    }

    /// Its name for people: where no other was given, the key as words.
    pub fn label(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone().into_owned();
        }
        let words = self.key.replace('_', " ");
        let mut letters = words.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }
}

/// A struct that was declared with `parameters!`.
pub trait Fields {
    /// All parameters, in the order in which they are shown.
    fn fields(&self) -> &[Field];
    /// Where the value of the field called `key` is; none where there is no such field.
    fn slot(&self, key: &str) -> Option<Slot<'_>>;
    /// Where the value of the field called `key` is, to change it; none where there is no such field.
    fn slot_mut(&mut self, key: &str) -> Option<SlotMut<'_>>;

    /// Brings every number into its range; what is no number becomes the default.
    fn clamp(&mut self);
}

/// Declares a struct of parameters: `/// doc`, then `key: type = declaration;`. The declaration is the one
/// place of range, default and unit; [`Default`], [`Fields`] and the table `FIELDS` come from it.
macro_rules! parameters {
    (
        $(#[$attribute:meta])*
        pub struct $Style:ident {
            $($(#[doc = $doc:literal])+ $key:ident: $Type:ty = $declaration:expr;)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $Style {
            $(
                $(#[doc = $doc])+
                ///
                #[doc = concat!("Declared as `", stringify!($declaration), "`.")]
                pub $key: $Type,
            )+
        }

        impl $Style {
            /// What is to be known of every field.
            pub const FIELDS: &'static [$crate::parameters::Field] = &[$($crate::parameters::Field {
                key: std::borrow::Cow::Borrowed(stringify!($key)),
                kind: $declaration.kind(),
                name: None,
                raw_doc: std::borrow::Cow::Borrowed(concat!($($doc),+)),
            }),+];

            /// Brings every number into its range; what is no number becomes the default.
            pub fn clamped(mut self) -> Self {
                $crate::parameters::Fields::clamp(&mut self);
                self
            }
        }

        impl Default for $Style {
            fn default() -> Self {
                Self { $($key: $crate::parameters::Declaration::default(&$declaration),)+ }
            }
        }

        impl $crate::parameters::Fields for $Style {
            fn fields(&self) -> &[$crate::parameters::Field] {
                Self::FIELDS
            }

            fn slot(&self, key: &str) -> Option<$crate::parameters::Slot<'_>> {
                match key {
                    $(stringify!($key) => Some((&self.$key).into()),)+
                    _ => None,
                }
            }

            fn slot_mut(&mut self, key: &str) -> Option<$crate::parameters::SlotMut<'_>> {
                match key {
                    $(stringify!($key) => Some((&mut self.$key).into()),)+
                    _ => None,
                }
            }

            fn clamp(&mut self) {
                for field in Self::FIELDS {
                    if let Some(slot) = self.slot_mut(&field.key) {
                        field.kind.clamp(slot);
                    }
                }
            }
        }
    };
}

pub(crate) use parameters;
