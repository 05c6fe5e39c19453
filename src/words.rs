//! Closed lists of words as enumerations, with one spelling for printing, parsing and serde.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "serde")]
pub use serde;

/// An enumeration whose values are a closed list of words; [`words!`](crate::words) implements it.
pub trait Word: Copy + Eq + fmt::Debug + fmt::Display + 'static {
    /// The name of the list in messages, for example `channel`.
    const KIND: &'static str;
    /// All values, in the order of the policy's tables.
    const VALUES: &'static [Self];
    /// Their spellings, in the same order.
    const WORDS: &'static [&'static str];

    /// Returns the position of this value in [`Word::VALUES`].
    fn position(self) -> usize;

    /// Returns the value with this spelling.
    ///
    /// # Errors
    ///
    /// [`UnknownWord`] for any other word.
    fn parse(word: &str) -> Result<Self, UnknownWord> {
        position_of(Self::WORDS, word)
            .and_then(|position| Self::VALUES.get(position).copied())
            .ok_or_else(|| UnknownWord::new(Self::KIND, word, Self::WORDS))
    }
}

pub(crate) fn position_of(words: &[&str], word: &str) -> Option<usize> {
    words.iter().position(|known| *known == word)
}

/// Defines an enumeration whose variants each have a word, and a meaning as documentation.
///
/// The enumeration has `ALL`, `as_str` and `meaning`. It is printed and parsed as its word, with
/// [`UnknownWord`] as the error, and can be a member of a [`Set`](crate::Set). With the feature
/// `serde` it is also read and written as its word. The facts, actions and verdicts are defined by
/// this macro.
///
/// ```
/// use csp_multichannel::Set;
///
/// csp_multichannel::words! {
///     /// How urgent an answer is.
///     pub enum Urgency, urgency {
///         /// By the end of the day.
///         Today = today,
///         /// Some time.
///         Later = later,
///     }
/// }
///
/// assert_eq!("later".parse(), Ok(Urgency::Later));
/// assert_eq!(Urgency::Later.meaning(), "Some time.");
/// assert_eq!(Set::from(Urgency::Today).to_string(), "today");
/// assert_eq!(
///     "tody".parse::<Urgency>().unwrap_err().to_string(),
///     "unknown urgency `tody`, expected one of `today`, `later`; did you mean `today`?",
/// );
/// ```
///
/// A library can add `for example library::Variant = word, "meaning"` after the kind, for an
/// enumeration that it exports at its root. The documentation then has examples with this variant.
#[macro_export]
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident, $kind:ident
        $(, for example $library:ident::$Example:ident = $example:ident, $explained:literal)? {
            $( $(#[doc = $meaning:literal])+ $Variant:ident = $word:ident, )+
        }
    ) => {
        $(#[$meta])*
        $(
            #[doc = concat!(
                "\n\n```\nuse ", stringify!($library), "::", stringify!($Name), ";\n\n",
                "assert_eq!(\"", stringify!($example), "\".parse(), ",
                "Ok(", stringify!($Name), "::", stringify!($Example), "));\n",
                "assert_eq!(", stringify!($Name), "::", stringify!($Example), ".to_string(), ",
                "\"", stringify!($example), "\");\n```",
            )]
        )?
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Name {
            $(
                $(#[doc = $meaning])+
                #[doc = concat!("\n\nWritten `", stringify!($word), "`.")]
                $Variant,
            )+
        }

        impl $Name {
            /// All values, in the order of the policy's tables.
            pub const ALL: &'static [Self] = &[$( Self::$Variant, )+];

            /// Returns the word, as the policy and JSON spell it.
            $(
                #[doc = concat!(
                    "\n```\n# use ", stringify!($library), "::", stringify!($Name), ";\n",
                    "assert_eq!(", stringify!($Name), "::", stringify!($Example), ".as_str(), ",
                    "\"", stringify!($example), "\");\n```",
                )]
            )?
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$Variant => stringify!($word), )+
                }
            }

            /// Returns the meaning of the word, as a sentence for people.
            $(
                #[doc = concat!(
                    "\n```\n# use ", stringify!($library), "::", stringify!($Name), ";\n",
                    "assert_eq!(\n    ", stringify!($Name), "::", stringify!($Example),
                    ".meaning(),\n    \"", $explained, "\",\n);\n```",
                )]
            )?
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $( Self::$Variant => concat!($($meaning),+).trim_ascii(), )+
                }
            }
        }

        impl $crate::__words::Word for $Name {
            const KIND: &'static str = stringify!($kind);
            const VALUES: &'static [Self] = Self::ALL;
            const WORDS: &'static [&'static str] = &[$( stringify!($word), )+];

            fn position(self) -> usize {
                self as usize
            }
        }

        impl core::fmt::Display for $Name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl core::str::FromStr for $Name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                $crate::__words::Word::parse(word)
            }
        }

        $crate::words_as_json!($Name);
    };
}

/// Reads and writes a closed list of words in any format of serde's.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! words_as_json {
    ($Name:ident) => {
        impl $crate::__words::serde::Serialize for $Name {
            fn serialize<S: $crate::__words::serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__words::serde::Deserialize<'de> for $Name {
            fn deserialize<D: $crate::__words::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_str($crate::__words::WordVisitor(core::marker::PhantomData))
            }
        }
    };
}

/// Without the feature, nothing.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! words_as_json {
    ($Name:ident) => {};
}

/// Reads a word of a closed list.
#[cfg(feature = "serde")]
#[derive(Debug)]
pub struct WordVisitor<T>(pub core::marker::PhantomData<T>);

#[cfg(feature = "serde")]
impl<T: Word> serde::de::Visitor<'_> for WordVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneOf(T::WORDS))
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<T, E> {
        T::parse(word).map_err(E::custom)
    }
}

/// An unknown word, with the words that would be accepted and the nearest of them.
///
/// ```
/// use csp_multichannel::Cloud;
///
/// let error = "publik".parse::<Cloud>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown cloud `publik`, expected one of `public`, `us_government`, `germany`, \
///      `china`; did you mean `public`?",
/// );
/// assert_eq!(error.nearest(), Some("public"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} `{given}`, expected {}{}", OneOf(.expected), DidYouMean(self.nearest()))]
pub struct UnknownWord {
    kind: &'static str,
    given: String,
    expected: &'static [&'static str],
}

impl UnknownWord {
    /// Creates the error for an unknown word of a kind, from the words that are accepted.
    ///
    /// ```
    /// use csp_multichannel::UnknownWord;
    ///
    /// let error = UnknownWord::new("currency", "euro", &["eur", "usd"]);
    /// assert_eq!(
    ///     error.to_string(),
    ///     "unknown currency `euro`, expected one of `eur`, `usd`; did you mean `eur`?",
    /// );
    /// ```
    #[must_use]
    pub fn new(kind: &'static str, given: &str, expected: &'static [&'static str]) -> Self {
        Self { kind, given: excerpt(given), expected }
    }

    /// Returns the kind of word that was expected, for example `channel`.
    ///
    /// ```
    /// use csp_multichannel::Region;
    ///
    /// let error = "EMEA".parse::<Region>().unwrap_err();
    /// assert_eq!((error.kind(), error.given()), ("region", "EMEA"));
    /// assert_eq!(error.expected(), ["same", "other"]);
    /// ```
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Returns the unknown word; only the beginning of a long one.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// Returns the accepted words.
    #[must_use]
    pub const fn expected(&self) -> &'static [&'static str] {
        self.expected
    }

    /// Returns the accepted word that was probably meant, if one is similar.
    ///
    /// Case does not count, nor whether words are joined by `_`, `-` or a space.
    ///
    /// ```
    /// use csp_multichannel::Channel;
    ///
    /// let nearest = |word: &str| word.parse::<Channel>().unwrap_err().nearest();
    /// assert_eq!(nearest("Other CSP-partner"), Some("other_csp_partner"));
    /// assert_eq!(nearest("telephone"), None);
    /// ```
    #[must_use]
    pub fn nearest(&self) -> Option<&'static str> {
        nearest(&self.given, self.expected)
    }
}

/// Writes ``one of `a`, `b` ``.
pub(crate) struct OneOf<'a>(pub(crate) &'a [&'static str]);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of ")?;
        join(f, self.0.iter().copied().map(Quoted), ", ")
    }
}

/// Writes a word in backticks.
pub(crate) struct Quoted(pub(crate) &'static str);

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

/// Writes items with a separator between them.
pub(crate) fn join<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    separator: &str,
) -> fmt::Result {
    for (i, item) in items.into_iter().enumerate() {
        write!(f, "{}{item}", if i == 0 { "" } else { separator })?;
    }
    Ok(())
}

/// Writes ``; did you mean `a`?``, or nothing.
pub(crate) struct DidYouMean(pub(crate) Option<&'static str>);

impl fmt::Display for DidYouMean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |word| write!(f, "; did you mean `{word}`?"))
    }
}

/// Whether a character controls a terminal, changes the direction of writing, is not visible, or is
/// invalid in XML.
pub(crate) const fn is_invisible(c: char) -> bool {
    c.is_ascii_control()
        || !c.is_ascii()
            && matches!(
                c,
                '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                    | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}'
            )
}

/// The beginning of a text for an error message, without invisible characters.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut excerpt = String::new();
    let mut characters = text.chars();
    for character in characters.by_ref().take(LONGEST) {
        if is_invisible(character) {
            excerpt.extend(character.escape_default());
        } else {
            excerpt.push(character);
        }
    }
    if characters.next().is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// The only candidate that has all parts of a word, such as `other_csp_partner` for `other partner`; else the one with the
/// smallest edit distance, if it is small for its length.
pub(crate) fn nearest(word: &str, candidates: &[&'static str]) -> Option<&'static str> {
    let has = |candidate: &str, part: &str| {
        candidate.split('_').any(|own| own.eq_ignore_ascii_case(part))
    };
    let mut parts = word.split([' ', '-', '_']);
    let mut with_all =
        candidates.iter().filter(|candidate| parts.clone().all(|part| has(candidate, part)));
    if let (Some(only), None, Some(_)) = (with_all.next(), with_all.next(), parts.nth(1)) {
        return Some(only);
    }
    let distances = candidates.iter().map(|candidate| (distance(word, candidate), *candidate));
    let (distance, nearest) = distances.min_by_key(|&(distance, _)| distance)?;
    (distance <= 1 + nearest.len() / 4).then_some(nearest)
}

/// The Levenshtein distance.
///
/// Case does not count, nor whether words are joined by `_`, `-` or a space.
fn distance(one: &str, other: &str) -> usize {
    let plain = |text: &str| -> Vec<char> {
        let joined = |c| if matches!(c, '-' | ' ') { '_' } else { c };
        text.chars().map(|c| joined(c.to_ascii_lowercase())).collect()
    };
    let other = plain(other);
    // The distances between the part of `one` read so far and each beginning of `other`.
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for character in plain(one) {
        let mut diagonal = None;
        let mut left = usize::MAX - 1;
        for (column, cell) in row.iter_mut().enumerate() {
            let above = *cell;
            let replaced = diagonal.map_or(usize::MAX, |distance: usize| {
                let same = column.checked_sub(1).and_then(|at| other.get(at)) == Some(&character);
                distance + usize::from(!same)
            });
            *cell = replaced.min(above + 1).min(left + 1);
            diagonal = Some(above);
            left = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, excerpt, nearest};

    #[test]
    fn distances_are_the_smallest_number_of_edits() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("abc", "axc", 1),
            ("abc", "abxc", 1),
            ("kitten", "sitting", 3),
            ("Other CSP-partner", "other_csp_partner", 0),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn only_near_words_are_suggested() {
        let words = ["channel", "service", "open"];
        for (word, expected) in
            [("chanel", Some("channel")), ("opne", Some("open")), ("azure", None), ("", None)]
        {
            assert_eq!(nearest(word, &words), expected, "{word}");
        }
        assert_eq!(nearest("open", &[]), None);
        let partners = ["this_partner", "other_csp_partner", "former_csp_partner"];
        assert_eq!(nearest("other partner", &partners), Some("other_csp_partner"));
    }

    #[test]
    fn excerpts_are_short_and_printable() {
        assert_eq!(excerpt("a\u{1b}[2J\n"), r"a\u{1b}[2J\n");
        assert_eq!(excerpt("für 日本\u{202e}"), r"für 日本\u{202e}");
        let long = excerpt(&"x".repeat(61));
        assert_eq!(long.chars().count(), 61);
        assert!(long.ends_with("x…"));
    }
}
