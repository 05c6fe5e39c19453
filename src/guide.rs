//! Guides, and pages to look things up.

#![expect(clippy::doc_markdown, reason = "definitions of links are taken for prose")]

/// Each page is a module without items, whose text is a file in `docs`.
///
/// A page links to files. In the documentation `links.md` comes first, and the first definition of a link counts.
macro_rules! pages {
    ($( #[doc = $summary:literal] $name:ident: $file:literal $(if $condition:meta)?; )+) => {$(
        #[doc = $summary]
        ///
        #[doc = include_str!("links.md")]
        ///
        #[cfg_attr(all($($condition)?), doc = include_str!(concat!("../docs/", $file)))]
        pub mod $name {}
    )+};
}

pages! {
    /// Facts, dates, verdicts, and the rules behind them.
    decide_a_case: "decide-a-case.md";
    /// Missing facts, several possible values, two sources.
    what_is_not_known: "what-is-not-known.md";
    /// Editions: the answer for a day, and what changed.
    any_day_since_2016: "any-day-since-2016.md";
    /// The origin of each fact, and notes.
    where_a_fact_comes_from: "where-a-fact-comes-from.md";
    /// Questions, minimal changes, plans and dates.
    ask_change_plan: "ask-change-plan.md";
    /// Custom rulebooks: written, checked, tested, analyzed and compared.
    your_own_rules: "your-own-rules.md";
    /// Files of Partner Center, the directory, Azure, and spreadsheets.
    from_your_data: "from-your-data.md";
    /// Tables in a lake, SQL, and a cluster.
    a_hundred_million_subscriptions: "a-hundred-million-subscriptions.md";
    /// A service with axum: a shared rulebook, errors as responses, logged reasons.
    in_a_service: "in-a-service.md" if not(doctest);
    /// One rule, from its sentence to its bits and back.
    how_it_works: "how-it-works.md";
    /// The history of the policy, and its documents.
    the_policy: "the-policy.md";
    /// The program `multichannel`: commands, reports, exit status.
    program: "program.md";
    /// Cases, decisions and explained decisions as JSON.
    json: "json.md" if feature = "serde";
    /// The fields of a rulebook in TOML or JSON, and what it can be exported to.
    rulebook_format: "rulebook-format.md";
    /// What each format of your data contains, field by field.
    data_formats: "data-formats.md";
    /// All facts with their values, the actions and the verdicts.
    facts: "facts.md";
    /// All rules of the register, with their sources.
    rules: "rules.md";
    /// How open passages were read, and where documents contradict each other.
    readings: "readings.md";
    /// What shows that it is right, with the commands.
    proof: "proof.md";
    /// How fast it is, and how that was measured.
    performance: "performance.md";
    /// Questions about the design, and their answers.
    decisions: "decisions.md";
}
