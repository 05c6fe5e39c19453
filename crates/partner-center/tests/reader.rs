//! Reading inputs: encodings, layouts of JSON, tables, and broken records, which lose no others.

mod support;

use csp_partner_center::{Context, DateOrder, Format, Item, Reader, Record, ResourceKind, columns};
use proptest::prelude::*;
use support::{Pieces, at, parts, transcript};

/// Returns the transcript of an input, with an empty context.
fn read(input: &[u8]) -> String {
    by_pieces(input, usize::MAX)
}

fn by_pieces(input: &[u8], piece: usize) -> String {
    let none = csp_multichannel::Facts::UNKNOWN;
    transcript(Reader::new(Pieces(input, piece)), &Context::new(), none, at("2026-08-12"))
}

#[track_caller]
fn assert_reads(input: &str, expected: &[&str]) {
    assert_eq!(read(input.as_bytes()).lines().collect::<Vec<_>>(), expected, "{input}");
}

/// Returns the identifiers of the records, and the number of other items.
fn ids(input: &[u8]) -> (Vec<String>, usize) {
    let (items, error) = parts(Reader::new(input));
    let ids: Vec<String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Record(record) => Some(record.id().to_owned()),
            _ => None,
        })
        .collect();
    let others = items.len() - ids.len() + usize::from(error.is_some());
    (ids, others)
}

#[test]
fn each_encoding_in_pieces_of_any_size() {
    let text = "id,customer name,status\na,Kävä €𝄞,suspended\n";
    let utf16 = |mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.then_some(0xfeff).into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    for input in [
        text.as_bytes().to_vec(),
        format!("\u{feff}{text}").into_bytes(),
        utf16(true, u16::to_le_bytes),
        utf16(false, u16::to_le_bytes),
        utf16(true, u16::to_be_bytes),
        utf16(false, u16::to_be_bytes),
    ] {
        for piece in (1..=5).chain([64, usize::MAX]) {
            let (items, error) = parts(Reader::new(Pieces(&input, piece)));
            assert_eq!(error, None, "{input:?} by {piece}");
            let [Item::Record(record)] = items.as_slice() else { panic!("by {piece}: {items:?}") };
            assert_eq!(record.customer.as_deref(), Some("Kävä €𝄞"), "{input:?} by {piece}");
        }
    }
    let guessed = "1 a: status: suspended\n\
                   note: `encoding` `windows-1252`: the input is not UTF-8; its encoding was guessed";
    let damaged = "1 a: status: suspended\n\
                   note: Some bytes of the input are not valid text and were replaced";
    for piece in 1..=5 {
        let cp1252 = b"{\"id\":\"a\",\"offerId\":\"x\",\"offerName\":\"K\xe4v\xe4\",\"status\":\"suspended\"}";
        assert_eq!(by_pieces(cp1252, piece), guessed);
        let cut = b"{\"id\":\"a\",\"offerId\":\"x\",\"offerName\":\"\xc3\xa9 \xff\",\"status\":\"suspended\"}";
        assert_eq!(by_pieces(cut, piece), damaged);
    }
}

#[test]
fn text_that_is_damaged() {
    let damaged = "note: Some bytes of the input are not valid text and were replaced";
    for (input, name) in [
        // The last character has no end, with others in UTF-8 before it.
        (b"id,customer name\na,\xc3\xa9\xe2\x82".as_slice(), "é�"),
        (b"id,customer name\na,x\0y", "x\0y"),
        (b"\0\0id,customer name\na,x", "x"),
    ] {
        for piece in [1, 2, 5, usize::MAX] {
            let (items, error) = parts(Reader::new(Pieces(input, piece)));
            assert_eq!(error, None, "{input:?} by {piece}");
            let [Item::Record(record), Item::Note(note)] = items.as_slice() else {
                panic!("by {piece}: {items:?}")
            };
            assert_eq!(record.customer.as_deref(), Some(name), "{input:?} by {piece}");
            assert_eq!(format!("note: {note}"), damaged);
        }
    }
}

/// An input that fails in a way after its text.
struct Failing(&'static [u8], Vec<std::io::ErrorKind>);

impl std::io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.1.pop() {
            Some(kind) => Err(kind.into()),
            None => self.0.read(buffer),
        }
    }
}

#[test]
fn an_input_that_is_interrupted_goes_on_and_one_that_fails_does_not() {
    use std::io::ErrorKind::{ConnectionReset, Interrupted};
    let text = b"id,channel\na,open\n";
    let reader = Reader::new(Failing(text, vec![Interrupted, Interrupted]));
    assert!(matches!(parts(reader).0.as_slice(), [Item::Record(_)]));
    let mut reader = Reader::new(Failing(text, vec![ConnectionReset]));
    assert_eq!(reader.next().unwrap_err().kind(), ConnectionReset);
}

#[test]
fn objects_in_every_arrangement() {
    let bare = |id: &str| format!(r#"{{"id":"{id}","offerId":"x"}}"#);
    let (a, b, c) = (bare("a"), bare("b"), bare("c"));
    let nothing = ["note: The input has no records"];
    assert_reads("", &nothing);
    assert_reads(" \r\n [] , []\n", &nothing);
    assert_reads("null\n", &nothing);
    assert_reads(&a, &["1 a: nothing known"]);
    assert_reads(
        &format!("{a}\n\n {b}\r\n{c}"),
        &["1 a: nothing known", "3 b: nothing known", "4 c: nothing known"],
    );
    assert_reads(&format!("[{a},\n{b},]"), &["1 a: nothing known", "2 b: nothing known"]);
    assert_reads(&format!("[[{a}],[{b}]]"), &["1 a: nothing known", "1 b: nothing known"]);
    assert_reads(
        &format!(
            "{{\"totalCount\":2,\"items\":[{a},{b}],\"links\":{{\"x\":[]}}}}\n{{\"Value\" : [ ] }}"
        ),
        &["1 a: nothing known", "1 b: nothing known", "page: 2 of 2", "page: 0"],
    );
    assert_reads(
        &format!("[{{\"items\":[{a}]}},{{\"items\":[]}}]"),
        &["1 a: nothing known", "page: 1", "page: 0"],
    );
    // What has records in its list is a page, with any fields.
    assert_reads(
        &format!("{{\"id\":\"b\",\"offerId\":\"x\",\"items\":[{a}]}}"),
        &["1 a: nothing known", "page: 1"],
    );
    // With an empty list it is a record, and an item of its page.
    assert_reads(
        &format!(
            "{{\"items\":[{a},\n{{\"id\":\"b\",\"offerId\":\"x\",\"items\":[],\n\"value\":[]}}]}}"
        ),
        &["1 a: nothing known", "2 b: nothing known", "page: 2"],
    );
    // A page does not count as an item of the page that contains it.
    assert_reads(
        &format!("{{\"items\":[{{\"items\":[{a},{b}]}},{c}]}}"),
        &["1 a: nothing known", "1 b: nothing known", "page: 2", "1 c: nothing known", "page: 1"],
    );
    assert_reads(
        &format!("{{\"items\":[{a}],\"links\":{{\"next\":{{\"uri\":\"/x\"}}}}}}"),
        &["1 a: nothing known", "page: 1, and another page"],
    );
    assert_reads(
        &format!("{{\"value\":[{a}],\"@odata.nextLink\":\"https://x\"}}"),
        &["1 a: nothing known", "page: 1, and another page"],
    );
    assert_reads(
        &format!("{{\"items\":[{a}],\"continuationToken\":\"x\"}}"),
        &["1 a: nothing known", "page: 1, and another page"],
    );
}

/// What comes first decides which format it is, however little of it is read at first.
#[test]
fn the_beginning_in_pieces_of_any_size() {
    for (input, expected) in [
        ("\n\n\n\n\n\nid,channel\na,open\n", "8 a: channel: open"),
        ("\n\n \n\n\n\n{\"id\":\"a\",\"channel\":\"open\"}", "7 a: channel: open"),
        ("nullable,id\nx,a\n", "note: `nullable`: the column is ignored\n2 a: nothing known"),
        (" \n\tid\tchannel\n1\ta\topen\n", "3 a: channel: open"),
        (" null ", "note: The input has no records"),
        ("\nnull\n{\"id\":\"a\",\"channel\":\"open\"}", "3 a: channel: open"),
        (
            "id,channel\ra,open\r",
            "error: lines end with a carriage return alone, expected a line feed",
        ),
        ("id,channel\r\na,open\r\n", "2 a: channel: open"),
        ("id\r", "note: The input has no records"),
    ] {
        for piece in [1, 2, 3, 5, 11, usize::MAX] {
            assert_eq!(by_pieces(input.as_bytes(), piece), expected, "by {piece}");
        }
    }
}

#[test]
fn a_reader_shows_its_format() {
    let reader = Reader::new("id\n".as_bytes()).with_format(Format::Table);
    assert_eq!(format!("{reader:?}"), "Reader { format: Some(Table), .. }");
}

#[test]
fn files_that_are_no_text_are_named() {
    for (beginning, name) in [
        (b"PK\x03\x04\x14\0".as_slice(), "a spreadsheet file or an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old spreadsheet file"),
        (b"\x1f\x8b\x08\0", "a compressed file"),
        (b"%PDF-1.7\n", "a PDF file"),
        (b"\n<!doctype html>", "a page of HTML or XML"),
    ] {
        let error = format!("error: {name}, expected text: save it as CSV or JSON");
        assert_eq!(read(beginning), error);
    }
}

#[test]
fn what_is_broken_costs_itself() {
    let missing = "note: The end of the input is missing; everything before it was read";
    assert_reads(
        "{\"id\":\"a}\n{\"id\":\"b\",\"offerId\":\"x\"}",
        &[
            r#"1 refused: invalid JSON: a string does not end on its line, at `{\"id\":\"a}`"#,
            "2 b: nothing known",
        ],
    );
    assert_reads(
        "[\n {\"id\":\"a\",\n  \"x\": {\n },\n {\"id\":\"b\",\"offerId\":\"x\"}\n]",
        &[
            "2 refused: invalid JSON: an object or a list begins where none is expected, at `{\\\"id\\\":\\\"a\\\",`",
            "5 b: nothing known",
        ],
    );
    // A key that is broken as well does not count for the objects after it.
    assert_reads(
        "{\"id:\"a\"}\n{\"id\":\"b\",\"offerId\":\"x\"}\n{\"id\":\"c}\n{\"id\":\"d\",\"offerId\":\"x\"}",
        &[
            r#"1 refused: invalid JSON: a string does not end on its line, at `{\"id:\"a\"}`"#,
            "2 b: nothing known",
            r#"3 refused: invalid JSON: a string does not end on its line, at `{\"id\":\"c}`"#,
            "4 d: nothing known",
        ],
    );
    assert_reads(
        "{\"items\":[x[{\"id\":\"a\",\"offerId\":\"x\"}],{\"id\":\"b\",\"offerId\":\"x\"}]}",
        &[
            "1 refused: invalid JSON: expected an object, at `x`",
            "1 a: nothing known",
            "1 b: nothing known",
            "page: 1",
        ],
    );
    // What follows a broken object is a part of it, up to the next one that begins alike or begins a line.
    assert_reads(
        "{\"id\":\"a\",\"offerId\":\"x\"}\n{\"id\":\"b\n{\"other\":1}\n{\"id\":\"c\",\"offerId\":\"x\"}",
        &[
            "1 a: nothing known",
            r#"2 refused: invalid JSON: a string does not end on its line, at `{\"id\":\"b`"#,
            "3 refused: an object with `other`, expected a subscription",
            "4 c: nothing known",
        ],
    );
    // The end of the list was skipped, but nothing is missing.
    assert_reads(
        "[{\"id\":\"a\",\"offerId\":\"x\"},{\"id\":\"b\",\"offerId\":\"x\"]",
        &[
            "1 a: nothing known",
            r#"1 refused: invalid JSON: a closing bracket does not match the opening one, at `{\"id\":\"b\",\"offerId\":\"x\"]`"#,
        ],
    );
    // A resource can have a list of that name, and be wrong; a page says nothing of a resource.
    assert_reads(
        r#"[{"id":"a","channel":"opn","items":[]},{"error":{"code":7},"value":[]},{"Count":3,"count":2,"value":[]}]"#,
        &[
            "1 refused: a: unknown channel `opn`, expected one of `direct`, `advisor`, `own_advisor`, `open`, `enterprise_agreement`, `mca_enterprise`, `third_party`, `syndication_partner`, `other_csp_partner`, `former_csp_partner`, `this_partner`; did you mean `open`?, at column 26",
            "1 refused: an error response: 7",
            "page: 0 of 3",
        ],
    );
    assert_reads(
        r#"[{"code":0,"message":"","items":[]},{"value":[],"region":"emea"}]"#,
        &["page: 0", "page: 0"],
    );
    // The end of a page was skipped, but it counts; without it, the rest is missing.
    let broken = r#"1 refused: invalid JSON: a closing bracket does not match the opening one, at `{\"id\":\"b\",\"offerId\":\"x\"]}`"#;
    assert_reads(
        r#"{"totalCount":37,"items":[{"id":"a","offerId":"x"},{"id":"b","offerId":"x"]}"#,
        &["1 a: nothing known", broken, "page: 2 of 37"],
    );
    let open = read(br#"{"items":[{"id":"a","offerId":"x"},{"id":"b,"z":{"q":1}"#);
    assert!(open.contains("note: The end of the input is missing"), "{open}");
    // As long as no object was whole, each one that begins a line can be.
    assert_reads(
        "[\n  {\"id:\"a\"},\n  {\"offerId\":\"x\",\"id\":\"b\"}]",
        &[
            r#"2 refused: invalid JSON: a string does not end on its line, at `{\"id:\"a\"},`"#,
            "3 b: nothing known",
        ],
    );
    let cut = read(
        b"[{\"id\":\"a\",\"offerId\":\"x\"},\n {\"id\":\"b\",\"offerName\":\"y},\n {\"z\":{\"q\":1}",
    );
    assert!(
        cut.ends_with("note: The end of the input is missing; everything before it was read"),
        "{cut}"
    );
    assert_reads(
        "[{\"id\":\"a\",\"offerId\":\"x\"},{\"id\":\"b\",{},{\"id\":\"c\",\"offerId\":\"x\"}]",
        &[
            "1 a: nothing known",
            "1 refused: invalid JSON: an object or a list begins where none is expected, at `{\\\"id\\\":\\\"b\\\",{},{\\\"id\\\":\\\"c\\\",\\\"offerId\\\":\\\"x\\\"}]`",
            "1 c: nothing known",
        ],
    );
    assert_reads("{\"items\":[{\"id\":\"a\",\"offerId\":\"x\"},", &["1 a: nothing known", missing]);
    assert_reads(
        "[1, null,{\"id\":\"a\",\"offerId\":\"x\"}]",
        &[
            "1 refused: invalid JSON: expected an object, at `1`",
            "1 refused: invalid JSON: expected an object, at `null`",
            "1 a: nothing known",
        ],
    );
}

/// A line that is one whole case is read without a scan; everything else is read as in any other input.
/// The next object after a broken one is known by the first key of the first whole one.
#[test]
fn what_is_nested_in_a_broken_object_is_no_record() {
    for broken in [
        // It has another first key.
        r#"{"name":["b"}"#,
        // A nested object follows a comma, a bracket, or the beginning of an indented line.
        r#"{"id":"b","lines":[{"q":1},{"q":2}}"#,
        "{\"id\":\"b\",\"links\":[\n  {\"self\":1}}",
    ] {
        let good = |id: &str| format!(r#"{{"id":"{id}","offerName":"x"}}"#);
        let list = format!("[{},{broken},{}]", good("a"), good("c"));
        assert_eq!(ids(list.as_bytes()), (vec!["a".to_owned(), "c".to_owned()], 1), "{list}");
    }
}

/// A field of another kind of resource beside those of Partner Center was added by people.
#[test]
fn an_offer_is_of_a_subscription() {
    for field in ["skuPartNumber", "quotaId", "isMoveEligible", "transferType"] {
        let record = Record::from_json(&format!(r#"{{"id":"a","offerId":"x","{field}":"y"}}"#));
        assert_eq!(record.map(|record| record.kind), Ok(ResourceKind::Subscription), "{field}");
    }
}

#[test]
fn lines_of_cases() {
    // After a case as well, a path is the identifier of an Azure subscription.
    let path = r#"{"id":" /subscriptions/s1"}"#;
    let (found, _) = parts(Reader::new(format!("{{\"id\":\"a\"}}\n{path}\n").as_bytes()));
    let (alone, _) = parts(Reader::new(path.as_bytes()));
    let [_, Item::Record(after)] = found.as_slice() else { panic!("{found:?}") };
    let [Item::Record(alone)] = alone.as_slice() else { panic!("{alone:?}") };
    assert_eq!((after.kind, after.id()), (alone.kind, "s1"));
    let input = r#"{"id":"a","channel":"open"}
{"id":"b","channel":"direct"}\

 {"id":"c",
 "channel":"open"}
{"id":"d"} {"id":"e"}
{"id":"f","region":"here"}
{"id":"g
{"id":"h"}x
{"id":"i"}
[{"id":"j"}
,{"id":"k"}]
{"items":[{"id":"l"}
,{"id":"m"}]}
{"id":"n","offerId":"x","status":"active"}
{"id":"o"}"#
        .replace('\\', " ");
    let expected = [
        "1 a: channel: open",
        "2 b: channel: direct",
        "4 c: channel: open",
        "6 d: nothing known",
        "6 e: nothing known",
        "7 refused: f: unknown region `here`, expected one of `same`, `other`, at column 25",
        r#"8 refused: invalid JSON: a string does not end on its line, at `{\"id\":\"g`"#,
        "9 h: nothing known",
        "9 refused: invalid JSON: expected an object, at `x`",
        "10 i: nothing known",
        "11 j: nothing known",
        "12 k: nothing known",
        "13 l: nothing known",
        "14 m: nothing known",
        "page: 2",
        "15 n: status: active",
        "16 o: nothing known",
    ];
    assert_reads(&input, &expected);
    for piece in [1, 7, 30, 64] {
        assert_eq!(by_pieces(input.as_bytes(), piece), expected.join("\n"), "by {piece}");
    }
}

/// Lines and columns are counted from 1.
#[test]
fn refusals_name_the_line_and_the_column() {
    let refused = "unknown region `here`, expected one of `same`, `other`, at column";
    let bad = r#"{"id":"b","region":"here"}"#;
    assert_eq!(bad.find("\"here\"").map(|at| at + "\"here\"".len()), Some(25));
    assert_reads(
        &format!("[{{\"id\":\"a\",\n\"offerId\":\"x\"}},{bad},\n  {bad}, {bad}]"),
        &[
            "1 a: nothing known",
            &format!("2 refused: b: {refused} {}", 15 + 25),
            &format!("3 refused: b: {refused} {}", 2 + 25),
            &format!("3 refused: b: {refused} {}", 2 + bad.len() + 2 + 25),
        ],
    );
}

#[test]
fn lists_are_nested_up_to_a_limit() {
    let nested =
        |depth: usize| "[".repeat(depth) + r#"{"id":"a","offerId":"x"}"# + &"]".repeat(depth);
    assert_reads(&nested(64), &["1 a: nothing known"]);
    let refused = "1 refused: invalid JSON: expected an object, at ``";
    assert_reads(&nested(65), &[refused, "1 a: nothing known"]);
    let inside = |depth: usize| {
        format!(r#"{{"id":"a","offerId":"x","y":{}{}}}"#, "[".repeat(depth), "]".repeat(depth))
    };
    assert_reads(&inside(63), &["1 a: nothing known"]);
    let refused = "1 refused: invalid JSON: an object or a list begins where none is expected, at ";
    assert!(read(inside(64).as_bytes()).starts_with(refused));
}

/// The fields of a page between its lists have a limit too.
#[test]
fn a_page_that_is_too_long() {
    let part =
        |name: &str, length: usize| format!(r#""{name}":"{}","items":[]"#, "x".repeat(length));
    for (length, refused) in [(1 << 19, false), ((1 << 19) + (1 << 15), true)] {
        let page = format!(
            "[{{{},{}}},{{\"id\":\"a\",\"offerId\":\"x\"}}]",
            part("a", length),
            part("b", length - 100)
        );
        let (items, _) = parts(Reader::new(page.as_bytes()));
        let is_refused =
            matches!(&items[0], Item::Invalid(error) if error.error.contains("longer than"));
        assert_eq!(is_refused, refused, "{length}");
    }
}

#[test]
fn objects_that_are_too_long_cost_themselves() {
    let most = 1 << 20;
    // A long string in a subscription, and much space in a case.
    for (begin, fill, end) in [(r#"{"id":"b","offerId":""#, "x", "\"}"), (r#"{"id":"b""#, " ", "}")]
    {
        for (length, is_read) in [(most, true), (most + 1, false), (2 * most, false)] {
            let long = format!("{begin}{}{end}", fill.repeat(length - begin.len() - end.len()));
            for between in ["\n", " "] {
                let input = format!(r#"{{"id":"a"}}{between}{long}{between}{{"id":"c"}}"#);
                let (found, others) = ids(input.as_bytes());
                let expected = if is_read { ["a", "b", "c"].as_slice() } else { &["a", "c"] };
                assert_eq!(found, expected, "{length} {begin} {between:?}");
                assert_eq!(others, usize::from(!is_read), "{length} {begin} {between:?}");
                let refused = read(input.as_bytes()).contains("longer than 1048576 bytes");
                assert_eq!(refused, !is_read, "{length} {begin} {between:?}");
            }
        }
    }
}

/// A key that does not end on its line may end in a later piece of the input.
#[test]
fn a_broken_key_is_the_same_in_pieces_of_any_size() {
    let input = format!("{{\"\n{{{}\"\n{{\"id\":\"b\",\"offerId\":\"x\"}}", "x".repeat(400));
    let expected = read(input.as_bytes());
    assert!(expected.ends_with("\n3 b: nothing known"), "{expected}");
    for piece in [1, 63, 256, 300] {
        assert_eq!(by_pieces(input.as_bytes(), piece), expected, "by {piece}");
    }
    let (input, expected) = (
        "[{\"id\":\"a\",\"offerId\":\"x\"},{\"id\":\"b\",{},   {\"id\":\"c\",\"offerId\":\"x\"}]",
        ["a", "c"],
    );
    for piece in 1..100 {
        let (items, _) = parts(Reader::new(Pieces(input.as_bytes(), piece)));
        let [Item::Record(a), Item::Invalid(_), Item::Record(c)] = items.as_slice() else {
            panic!("by {piece}: {items:?}")
        };
        assert_eq!([a.id(), c.id()], expected);
    }
}

/// After a hundred broken objects on one line, the rest of that line is skipped.
#[test]
fn many_broken_objects_on_one_line() {
    let good = |id: &str| format!(r#"{{"id":"{id}","offerId":"x"}}"#);
    for (broken, expected) in [(99, ["a", "b", "c"].as_slice()), (100, &["a", "c"])] {
        let bad = r#"{"id":{"id":{{,"#.repeat(broken);
        let input = format!("[{},{bad}{},\n{}]", good("a"), good("b"), good("c"));
        assert_eq!(
            ids(input.as_bytes()),
            (expected.iter().map(ToString::to_string).collect(), broken),
            "{broken}"
        );
    }
}

/// A message shows the same beginning of a broken object, wherever a piece of the input ends.
#[test]
fn a_message_is_the_same_in_pieces_of_any_size() {
    let input = format!("{}{{\"id\" {{{}}}", " ".repeat(150), "𝄞".repeat(80));
    let shown = format!("at `{{\\\"id\\\" {{{}`", "𝄞".repeat(53));
    for piece in [1, 100, 200, 256, usize::MAX] {
        let found = by_pieces(input.as_bytes(), piece);
        assert!(found.ends_with(&shown), "by {piece}: {found}");
    }
}

/// A way to break the text of a subscription.
type Break = fn(&str) -> String;

/// Ten thousand subscriptions in each layout, one of them broken in some way.
#[test]
fn one_bad_among_ten_thousand_costs_exactly_that_one() {
    let good = |index: usize| {
        format!(
            r#"{{"id":"{index:05}","offerId":"CFQ7TTC0LH18:0001:CFQ7TTC0K971","productType":{{"id":"OnlineServicesNCE"}},"quantity":1,"status":"active"}}"#
        )
    };
    let pretty = |index: usize| {
        let value: serde_json::Value = serde_json::from_str(&good(index)).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let mut failures = Vec::new();
    for bad in [0, 1, 5_000, 9_998, 9_999] {
        let id = format!("{bad:05}");
        let breaks: [(&str, Break); 6] = [
            ("unclosed string", |text| text.replacen("active\"", "active", 1)),
            ("unclosed identifier", |text| text.replacen("\",", ",", 1)),
            ("missing brace", |text| text[..text.len() - 1].to_owned()),
            ("missing brace inside", |text| text.replacen('}', "", 1)),
            ("missing colon", |text| text.replacen("\"quantity\":", "\"quantity\"", 1)),
            ("no identifier", |text| text.replacen("\"id\"", "\"no\"", 1)),
        ];
        for (kind, broken) in breaks {
            let all = |one: &dyn Fn(usize) -> String| -> Vec<String> {
                let all = (0..10_000).map(one).enumerate();
                all.map(|(index, text)| if index == bad { broken(&text) } else { text }).collect()
            };
            for (arrangement, input) in [
                ("one line", format!("[{}]", all(&good).join(","))),
                (
                    "a page",
                    format!("{{\"totalCount\":10000,\"items\":[{}]}}", all(&good).join(",")),
                ),
                ("a line each", all(&good).join("\n")),
                ("pretty", format!("[\n{}\n]", all(&pretty).join(",\n"))),
            ] {
                let (read, _) = ids(input.as_bytes());
                let expected = (0..10_000).map(|index| format!("{index:05}"));
                let lost: Vec<String> = expected.filter(|id| !read.contains_sorted(id)).collect();
                if lost != [id.as_str()] {
                    failures
                        .push(format!("{kind} of {id} in {arrangement}: {} are lost", lost.len()));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// A binary search for an identifier.
trait ContainsSorted {
    fn contains_sorted(&self, id: &str) -> bool;
}

impl ContainsSorted for Vec<String> {
    fn contains_sorted(&self, id: &str) -> bool {
        self.binary_search_by(|known| known.as_str().cmp(id)).is_ok()
    }
}

#[test]
fn a_quote_costs_at_most_its_row() {
    let table = |bad: &[(usize, &str)], quoted: bool| -> String {
        let rows = (0..10_000).map(|index| {
            let note = bad.iter().find(|(at, _)| *at == index).map_or("x", |(_, note)| note);
            if quoted {
                format!("\"{index:05}\",\"open\",\"{note}\"\n")
            } else {
                format!("{index:05},open,{note}\n")
            }
        });
        format!("id,channel,notes\n{}", rows.collect::<String>())
    };
    for (bad, quoted) in [
        (&[(5_000, "24\" screen")][..], false),
        (&[(10, "24\" screen"), (9_000, "27\" screen")][..], false),
        (&[(10, "\"24 screen"), (9_000, "\"27 screen")][..], false),
        (&[(5_000, "24\" screen")][..], true),
        (&[(10, "24\" screen"), (9_000, "27\" screen")][..], true),
    ] {
        let (read, _) = ids(table(bad, quoted).as_bytes());
        let lost = (0..10_000).filter(|index| !read.contains_sorted(&format!("{index:05}")));
        let lost: Vec<usize> = lost.filter(|index| bad.iter().all(|(at, _)| at != index)).collect();
        assert!(
            lost.is_empty(),
            "{bad:?}, quoted {quoted}: {} rows, from {:?}",
            lost.len(),
            lost[0]
        );
    }
}

#[test]
fn rows_of_totals_are_reported() {
    assert_reads(
        "id,channel\ns1,open\nTotal,\n",
        &["2 s1: channel: open", "3 refused: the row `Total` has no identifier"],
    );
}

#[test]
fn dates_in_cells() {
    for (cell, expected) in [
        ("2026-03-04", "2026-03-04T00:00:00Z"),
        ("2026-03-04T00:00", "2026-03-04T00:00:00Z"),
        ("2026-01-14T16:57:15.0966728Z", "2026-01-14T16:57:15.096672800Z"),
        ("2026-03-04 09:12:41", "2026-03-04T09:12:41Z"),
        ("2026-03-04T09:12:41+02:00", "2026-03-04T07:12:41Z"),
        ("2026-03-04 09:12:41 +0200", "2026-03-04T07:12:41Z"),
        ("/Date(1707523200000)/", "2024-02-10T00:00:00Z"),
        ("/Date(1707523200000+0100)/", "2024-02-10T00:00:00Z"),
        ("01.03.2018 09:00", "2018-03-01T09:00:00Z"),
        ("28.02.2019", "2019-02-28T00:00:00Z"),
        ("2/28/2024 12:00:00 AM", "2024-02-28T00:00:00Z"),
        ("28/02/2024", "2024-02-28T00:00:00Z"),
        ("3/3/2024 9:01 PM", "2024-03-03T21:01:00Z"),
        ("28-02-2024", "2024-02-28T00:00:00Z"),
        ("4 Mar 2026", "2026-03-04T00:00:00Z"),
        ("04-Mar-2026", "2026-03-04T00:00:00Z"),
        ("March 4, 2026", "2026-03-04T00:00:00Z"),
        ("2026/3/4", "2026-03-04T00:00:00Z"),
    ] {
        let expected = format!("[{expected} to 2030-01-01]");
        let input = format!("id,purchased_at,ends_on\na,\"{cell}\",2030-01-01\n");
        assert!(read(input.as_bytes()).ends_with(&expected), "{cell}: {}", read(input.as_bytes()));
    }
    let expected = "a date such as `2026-09-15` or `2026-09-15T12:30:00Z`";
    for (cell, expected) in [
        ("0001-01-01T00:00:00", "a date from 2000 to 2100"),
        ("/Date(-62135596800000)/", "a date from 2000 to 2100"),
        ("9999-12-10T00:00:00Z", "a date from 2000 to 2100"),
        ("1999-12-31", "a date from 2000 to 2100"),
        ("2101-01-01", "a date from 2000 to 2100"),
        ("3/4/26", expected),
        ("46085", expected),
        ("2026-02-30", expected),
        ("2026-03-04T25:00", expected),
        ("2026-03-04T09:00:60Z", expected),
        ("4 Mar 2026 9:00:60 AM", expected),
        ("/Date(x)/", expected),
        ("soon", expected),
        ("é/é", expected),
        ("3/4/2026", "`2026-04-03` or `2026-03-04`, or one order of day and month for all dates"),
    ] {
        assert_reads(
            &format!("id,ends_on\na,{cell}\n"),
            &[&format!("2 refused: a: `ends_on` is `{cell}`, expected {expected}")],
        );
    }
    for (order, expected) in
        [(DateOrder::DayFirst, "2026-04-03"), (DateOrder::MonthFirst, "2026-03-04")]
    {
        for (cell, expected) in [("3/4/2026", expected), ("3/28/2026", "2026-03-28")] {
            let input = format!("id,ends_on\na,{cell}\n");
            let (items, _) = parts(Reader::new(input.as_bytes()).with_date_order(order));
            let [Item::Record(record)] = items.as_slice() else { panic!("{items:?}") };
            assert_eq!(record.stated.term().unwrap().ends_on().to_string(), expected, "{cell}");
        }
    }
}

#[test]
fn every_name_of_a_column_is_read() {
    let mut names: Vec<&str> = columns().map(|(name, _)| name).collect();
    assert!(names.len() > 80);
    let of_id = columns().filter(|(_, holds)| *holds == "id").count();
    assert!(of_id >= 4);
    names.sort_unstable();
    let twice: Vec<&str> =
        names.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
    assert_eq!(twice, ["customer"], "a fact, and a name");
    for (name, holds) in columns().filter(|(_, holds)| *holds != "id") {
        let (items, error) = parts(Reader::new(format!("subscription id,{name}\na,\n").as_bytes()));
        assert_eq!(error, None, "{name}");
        assert!(matches!(items.as_slice(), [Item::Record(_)]), "{name}, {holds}: {items:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_bytes_panic(input in prop::collection::vec(any::<u8>(), 0..300), piece in 1..6_usize) {
        prop_assert_eq!(by_pieces(&input, piece), read(&input));
    }

    #[test]
    fn no_json_panics(input in r#"([\[\]{},:" \n\\]|"id"|"items"|"offerId":"x"|\{"id":"a"|null|1|é|@){0,60}"#, piece in 1..6_usize) {
        prop_assert_eq!(by_pieces(input.as_bytes(), piece), read(input.as_bytes()));
    }

    #[test]
    fn no_table_panics(input in r#"(sep=;\n|#TYPE x\n)?(id[,;\t]channel|x)([,;\t"\n\r' =]|open|a|2026-01-01|é){0,60}"#, piece in 1..6_usize) {
        prop_assert_eq!(by_pieces(input.as_bytes(), piece), read(input.as_bytes()));
    }
}
