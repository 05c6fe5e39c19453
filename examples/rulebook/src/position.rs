//! Where in a text something stands: lines and columns, and the places of data in it.

use std::collections::HashMap;
use std::fmt;

use csp_multichannel::Excerpt;
use csp_multichannel::authoring::{Place, Segment};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Goes through a text, from the beginning to the end, and tells lines and columns: both from 1, columns in characters.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    column: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, column: 1 }
    }

    /// The line and column of a byte, which is not before the one that was asked for last.
    pub(crate) fn advance(&mut self, to: usize) -> (usize, usize) {
        for character in self.text[self.at..].chars() {
            if self.at + character.len_utf8() > to {
                break;
            }
            self.at += character.len_utf8();
            if character == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        (self.line, self.column)
    }
}

/// The byte at a line and column as `serde_json` counts them, in bytes.
pub(crate) fn byte(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    before + column.saturating_sub(1)
}

/// Where the values of a text begin.
#[derive(Default)]
pub(crate) struct Outline {
    /// By place; several where a field is given repeatedly.
    spots: HashMap<Vec<Segment>, Vec<Spot>>,
}

/// Where a value begins, and the name of the field that it is in.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) name: usize,
    pub(crate) value: usize,
}

impl Outline {
    /// How deep it goes: nothing that a rulebook has lies deeper.
    const DEPTH: usize = 8;

    pub(crate) fn of_json(text: &str) -> Self {
        let mut outline = Self::default();
        if let Ok(whole) = serde_json::from_str(text) {
            outline.add_json(text, &mut Vec::new(), None, whole);
        }
        outline
    }

    pub(crate) fn of_toml(whole: &Spanned<DeTable<'_>>) -> Self {
        let mut outline = Self::default();
        outline.add(&[], None, whole.span().start);
        outline.add_table(&mut Vec::new(), whole.get_ref());
        outline
    }

    /// Where things stand that have this place, in their order.
    pub(crate) fn spots(&self, place: &Place) -> &[Spot] {
        self.spots.get(place.path()).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, path: &[Segment], name: Option<usize>, value: usize) {
        let spot = Spot { name: name.unwrap_or(value), value };
        self.spots.entry(path.to_vec()).or_default().push(spot);
    }

    fn add_json(&mut self, text: &str, path: &mut Vec<Segment>, name: Option<usize>, raw: &RawValue) {
        let offset = |raw: &RawValue| raw.get().as_ptr().addr() - text.as_ptr().addr();
        self.add(path, name, offset(raw));
        if path.len() == Self::DEPTH {
            return;
        }
        // Texts and numbers have nothing in them, and are neither.
        if let Ok(Fields(fields)) = serde_json::from_str(raw.get()) {
            for (name, value) in fields {
                let Ok(field) = serde_json::from_str::<String>(name.get()) else { continue };
                path.push(segment(&field));
                self.add_json(text, path, Some(offset(name)), value);
                path.pop();
            }
        } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
            for (position, value) in items.into_iter().enumerate() {
                path.push(Segment::Item(position));
                self.add_json(text, path, None, value);
                path.pop();
            }
        }
    }

    fn add_table(&mut self, path: &mut Vec<Segment>, table: &DeTable<'_>) {
        for (name, value) in table {
            path.push(segment(name.get_ref()));
            self.add_toml(path, Some(name.span().start), value);
            path.pop();
        }
    }

    fn add_toml(&mut self, path: &mut Vec<Segment>, name: Option<usize>, value: &Spanned<DeValue<'_>>) {
        self.add(path, name, value.span().start);
        if path.len() == Self::DEPTH {
            return;
        }
        match value.get_ref() {
            DeValue::Table(table) => self.add_table(path, table),
            DeValue::Array(items) => {
                for (position, value) in items.iter().enumerate() {
                    path.push(Segment::Item(position));
                    self.add_toml(path, None, value);
                    path.pop();
                }
            }
            _ => {}
        }
    }
}

/// A field as the places of problems name it: by the beginning of its name.
fn segment(field: &str) -> Segment {
    Segment::Field(Excerpt::of(field).as_str().to_owned().into())
}

/// The fields of an object as they are written, those that are repeated as well.
struct Fields<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}
