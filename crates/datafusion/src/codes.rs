//! Columns as codes, so that frequent values are read once.

use std::hash::Hash;

use datafusion::arrow::array::{Array, AsArray, DictionaryArray, downcast_dictionary_array};
use datafusion::arrow::datatypes::{
    ArrowDictionaryKeyType, ArrowNativeType, DataType, Date32Type, Date64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use datafusion::common::HashMap;

/// A column as codes: rows with the same code have the same value.
pub(crate) struct Codes<'a> {
    /// The code of each row.
    pub(crate) of_rows: Vec<u32>,
    /// The array that `places` index: the column, or the values of its dictionary.
    pub(crate) values: &'a dyn Array,
    /// The index of the value of each code; `None` is `NULL`.
    pub(crate) places: Vec<Option<usize>>,
}

impl<'a> Codes<'a> {
    /// Reads a column of any type. Equal rows share a code in texts, dates, timestamps and
    /// dictionaries only.
    pub(crate) fn new(column: &'a dyn Array) -> Self {
        macro_rules! primitive {
            ($Type:ty) => {
                distinct(column.as_primitive::<$Type>().iter())
            };
        }
        let (of_rows, places) = downcast_dictionary_array!(
            column => return Self::of_dictionary(column),
            DataType::Null => (vec![0; column.len()], vec![None]),
            DataType::Utf8 => distinct(column.as_string::<i32>().iter()),
            DataType::LargeUtf8 => distinct(column.as_string::<i64>().iter()),
            DataType::Utf8View => distinct(column.as_string_view().iter()),
            DataType::Date32 => primitive!(Date32Type),
            DataType::Date64 => primitive!(Date64Type),
            DataType::Timestamp(TimeUnit::Second, _) => primitive!(TimestampSecondType),
            DataType::Timestamp(TimeUnit::Millisecond, _) => primitive!(TimestampMillisecondType),
            DataType::Timestamp(TimeUnit::Microsecond, _) => primitive!(TimestampMicrosecondType),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => primitive!(TimestampNanosecondType),
            _ => {
                let place = |row| column.is_valid(row).then_some(row);
                (code_of_place(0..column.len()), (0..column.len()).map(place).collect())
            }
        );
        Self { of_rows, values: column, places }
    }

    /// Uses the keys of a dictionary unchanged; a value can occur more than once.
    fn of_dictionary<K: ArrowDictionaryKeyType>(dictionary: &'a DictionaryArray<K>) -> Self {
        let values = dictionary.values().as_ref();
        let keys = dictionary.keys();
        let null = values.len();
        // The key of a `NULL` row can be any number.
        let mut of_rows = code_of_place(keys.values().iter().map(|key| key.as_usize().min(null)));
        if let Some(nulls) = keys.nulls().filter(|nulls| nulls.null_count() > 0) {
            for row in (!nulls.inner()).set_indices() {
                if let Some(of_row) = of_rows.get_mut(row) {
                    *of_row = code(null);
                }
            }
        }
        let place = |place| (place < null && values.is_valid(place)).then_some(place);
        Self { of_rows, values, places: (0..=null).map(place).collect() }
    }

    /// Returns the index of the value of each row; `None` is `NULL`.
    pub(crate) fn places(&self) -> impl Iterator<Item = Option<usize>> {
        self.of_rows.iter().map(|&code| self.places.get(code as usize).copied().flatten())
    }
}

fn code_of_place(places: impl Iterator<Item = usize>) -> Vec<u32> {
    places.map(code).collect()
}

/// Converts an index to a code. A batch has fewer than `u32::MAX` values.
fn code(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Returns the code of each value, and the first index of each code.
fn distinct<T: Copy + Eq + Hash>(
    values: impl Iterator<Item = Option<T>>,
) -> (Vec<u32>, Vec<Option<usize>>) {
    let mut places = Vec::new();
    let mut codes = HashMap::new();
    let mut last = None;
    let of_row = |(place, value): (usize, Option<T>)| {
        let code = match last {
            // Adjacent values are often equal.
            Some((same, code)) if same == value => code,
            _ => *codes.entry(value).or_insert_with(|| {
                places.push(value.map(|_| place));
                code(places.len() - 1)
            }),
        };
        last = Some((value, code));
        code
    };
    let of_rows = values.enumerate().map(of_row).collect();
    (of_rows, places)
}
