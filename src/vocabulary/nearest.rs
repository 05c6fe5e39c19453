//! The word that was probably meant.

use std::vec::Vec;

/// The candidate that the fewest slips of the keyboard lead to, where these are few for its length.
pub(crate) fn nearest<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let candidates = candidates.into_iter().map(|candidate| (slips(given, candidate), candidate));
    let (slips, nearest) = candidates.min_by_key(|&(slips, _)| slips)?;
    (slips <= 1 + nearest.len() / 4).then_some(nearest)
}

/// How many characters have to be put in, left out, replaced, or exchanged with their neighbour.
///
/// The optimal string alignment distance, where neither case nor the kind of hyphen counts. Of long text only the beginning is compared.
fn slips(given: &str, wanted: &str) -> usize {
    const MOST: usize = 64;
    let letters = |text: &str| text.chars().take(MOST).flat_map(char::to_lowercase).collect::<Vec<char>>();
    let (given, wanted) = (letters(given), letters(wanted));
    let same = |one: char, other: char| one == other || (matches!(one, '-' | '_' | ' ') && matches!(other, '-' | '_'));

    // Of each row, the distances from the beginning of `given` up to there to each beginning of `wanted`.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=wanted.len()).collect();
    for (row, &letter) in given.iter().enumerate() {
        let mut next = std::vec![row + 1];
        for (column, &other) in wanted.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let replaced = at(&last, column) + usize::from(!same(letter, other));
            let mut fewest = replaced.min(at(&last, column + 1) + 1).min(at(&next, column) + 1);
            let previous = |letters: &[char], at: usize| at.checked_sub(1).and_then(|at| letters.get(at).copied());
            if previous(&given, row) == Some(other) && previous(&wanted, column) == Some(letter) {
                fewest = fewest.min(at(&before, column - 1) + 1);
            }
            next.push(fewest);
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::{nearest, slips};

    /// The distance as it is defined: by the last characters of both.
    fn plain(given: &[char], wanted: &[char]) -> usize {
        let (Some((&one, given_before)), Some((&other, wanted_before))) = (given.split_last(), wanted.split_last())
        else {
            return given.len() + wanted.len();
        };
        let replaced = plain(given_before, wanted_before) + usize::from(one != other);
        let fewest = replaced.min(plain(given_before, wanted) + 1).min(plain(given, wanted_before) + 1);
        match (given_before.split_last(), wanted_before.split_last()) {
            (Some((&before_one, given)), Some((&before_other, wanted)))
                if before_one == other && before_other == one =>
            {
                fewest.min(plain(given, wanted) + 1)
            }
            _ => fewest,
        }
    }

    #[test]
    fn slips_are_counted_as_defined_for_all_short_words() {
        let mut words = std::vec![String::new()];
        for start in 0.. {
            let Some(word) = words.get(start).filter(|word| word.len() < 4).cloned() else { break };
            words.extend(['a', 'b', 'c'].map(|letter| std::format!("{word}{letter}")));
        }
        assert_eq!(words.len(), 1 + 3 + 9 + 27 + 81);
        let letters = |word: &str| word.chars().collect::<Vec<char>>();
        for (given, wanted) in words.iter().flat_map(|given| words.iter().map(move |wanted| (given, wanted))) {
            assert_eq!(slips(given, wanted), plain(&letters(given), &letters(wanted)), "{given} {wanted}");
        }
    }

    #[test]
    fn hyphens_of_all_kinds_are_one_where_a_word_has_one() {
        assert_eq!(slips("a b-c_d", "a_b_c-d"), 0);
        // No word has a space.
        assert_eq!(slips("a_b", "a b"), 1);
        assert_eq!(slips("a-b", "axb"), 1);
        assert_eq!(slips("axb", "a-b"), 1);
    }

    #[test]
    fn one_slip_is_forgiven_and_one_more_for_every_four_letters() {
        for (given, wanted, is_near) in [
            ("x", "a", true),
            ("xy", "a", false),
            ("xyd", "abd", false),
            ("xbcd", "abcd", true),
            ("xycd", "abcd", true),
            ("xyzd", "abcd", false),
            ("xyzdefgh", "abcdefgh", true),
            ("xyzwefgh", "abcdefgh", false),
        ] {
            assert_eq!(nearest(given, [wanted]), is_near.then_some(wanted), "{given} {wanted}");
        }
    }

    #[test]
    fn the_word_that_was_meant_is_found_and_no_other() {
        let words = ["channel", "service", "cloud", "other_csp_partner", "open"];
        for (given, meant) in [
            ("chanel", Some("channel")),
            ("cahnnel", Some("channel")),
            ("Channel", Some("channel")),
            ("other-csp-partner", Some("other_csp_partner")),
            ("othercspparner", Some("other_csp_partner")),
            ("opne", Some("open")),
            ("open", Some("open")),
            ("azure", None),
            ("", None),
            (&"channel".repeat(10_000), None),
        ] {
            assert_eq!(nearest(given, words), meant, "{given}");
        }
        assert_eq!(nearest("open", []), None);
    }
}
