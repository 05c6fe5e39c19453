//! What all words have in common: one spelling for printing, parsing and serde.

use core::fmt;

use super::Excerpt;

/// A word that is none of those that its place accepts.
///
/// ```
/// use csp_multichannel::Channel;
///
/// let error = "opne".parse::<Channel>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown channel `opne`, expected one of `direct`, `advisor`, `own_advisor`, `open`, \
///      `enterprise_agreement`, `third_party`, `syndication_partner`, `other_csp_partner`, \
///      `former_csp_partner`, `this_partner`",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} `{given}`, expected {}", OneOf(.accepted))]
pub struct UnknownWord {
    kind: &'static str,
    given: Excerpt,
    accepted: &'static [&'static str],
}

impl UnknownWord {
    pub(crate) fn new(kind: &'static str, given: &str, accepted: &'static [&'static str]) -> Self {
        Self { kind, given: Excerpt::of(given), accepted }
    }

    /// What kind of word was looked for, such as `channel`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// The word that was given.
    #[must_use]
    pub const fn given(&self) -> &Excerpt {
        &self.given
    }

    /// The words that would have been accepted.
    #[must_use]
    pub const fn accepted(&self) -> &'static [&'static str] {
        self.accepted
    }
}

/// A closed list of words, as a type.
#[cfg(all(feature = "serde", feature = "std"))]
pub(crate) trait Words: super::Member {
    /// Their spellings, in the order of [`Member::MEMBERS`](super::Member::MEMBERS).
    const SPELLINGS: &'static [&'static str];
}

/// Writes ``one of `a`, `b` ``.
pub(crate) struct OneOf<'a>(pub(crate) &'a [&'static str]);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of ")?;
        for (i, word) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}`{word}`")?;
        }
        Ok(())
    }
}

/// An enumeration whose variants are words: spelling, parsing, printing and serde from one table.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident, $kind:ident {
            $( $(#[$variant_meta:meta])* $Variant:ident = $word:ident, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $Name {
            $( $(#[$variant_meta])* #[doc = concat!("\n\nWritten `", stringify!($word), "`.")] $Variant, )+
        }

        impl $Name {
            /// All of them, in the order of the policy's table.
            pub const ALL: &'static [Self] = &[$( Self::$Variant, )+];

            pub(crate) const WORDS: &'static [&'static str] = &[$( stringify!($word), )+];

            $(
                #[allow(non_upper_case_globals, dead_code, reason = "the policy's own spelling, for the register")]
                pub(crate) const $word: Self = Self::$Variant;
            )+

            /// The word, as it is written in the policy and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$Variant => stringify!($word), )+
                }
            }
        }

        impl $crate::vocabulary::Sealed for $Name {}

        impl $crate::vocabulary::Member for $Name {
            const MEMBERS: &'static [Self] = Self::ALL;

            fn position(self) -> u32 {
                self as u32
            }
        }

        #[cfg(all(feature = "serde", feature = "std"))]
        impl $crate::vocabulary::Words for $Name {
            const SPELLINGS: &'static [&'static str] = Self::WORDS;
        }

        impl core::fmt::Display for $Name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl core::str::FromStr for $Name {
            type Err = $crate::vocabulary::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::vocabulary::UnknownWord> {
                match word {
                    $( stringify!($word) => Ok(Self::$Variant), )+
                    _ => Err($crate::vocabulary::UnknownWord::new(stringify!($kind), word, Self::WORDS)),
                }
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;

                impl serde::de::Visitor<'_> for Word {
                    type Value = $Name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        write!(f, "{}", $crate::vocabulary::OneOf($Name::WORDS))
                    }

                    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<$Name, E> {
                        word.parse().map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(Word)
            }
        }
    };
}

pub(crate) use words;
