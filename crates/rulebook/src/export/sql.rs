//! Decisions as one SQL statement, for engines that hold the cases.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use csp_multichannel::{Action, Channel, Edition, Effect, Fact, Facts, Rule, Service, Verdict};

use crate::table::decision_table;

/// The options of an SQL statement: the table of the cases, and what is written.
///
/// ```
/// use csp_multichannel::{Rulebook, parse_instant};
/// use csp_multichannel_rulebook::{Sql, to_sql};
///
/// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
/// let sql = to_sql(edition, &Sql::new().from_table("lake.cases").as_view("decided"));
/// let lines: Vec<&str> = sql.lines().collect();
/// assert_eq!(lines[0], "-- The verdict on each action, by the edition of 2026-08-20.");
/// assert_eq!(lines[1], r#"CREATE VIEW "decided" AS"#);
/// assert_eq!(lines[lines.len() - 2], r#"  FROM "lake"."cases" t"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    table: String,
    view: Option<String>,
    reasons: bool,
    dates_at: Option<DateTime<Utc>>,
}

impl Default for Sql {
    fn default() -> Self {
        Self { table: "cases".into(), view: None, reasons: false, dates_at: None }
    }
}

impl Sql {
    /// Creates the options of a `SELECT` of verdicts only, from a table `cases`.
    ///
    /// ```
    /// use csp_multichannel_rulebook::Sql;
    ///
    /// assert_eq!(Sql::new(), Sql::new().from_table("cases"));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the table of the cases. Dots separate the names of catalog, schema and table.
    ///
    /// ```
    /// use csp_multichannel::{Rulebook, parse_instant};
    /// use csp_multichannel_rulebook::{Sql, to_sql};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
    /// let sql = to_sql(edition, &Sql::new().from_table("main.sales.open cases"));
    /// assert_eq!(sql.lines().nth_back(1), Some(r#"  FROM "main"."sales"."open cases" t"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_table(self, table: &str) -> Self {
        Self { table: table.into(), ..self }
    }

    /// Writes a statement that creates a view with a name, instead of a query.
    ///
    /// ```
    /// use csp_multichannel::{Rulebook, parse_instant};
    /// use csp_multichannel_rulebook::{Sql, to_sql};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
    /// let query = to_sql(edition, &Sql::new());
    /// assert_eq!(
    ///     to_sql(edition, &Sql::new().as_view("decided")),
    ///     query.replacen("\nSELECT", "\nCREATE VIEW \"decided\" AS\nSELECT", 1),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_view(self, view: &str) -> Self {
        Self { view: Some(view.into()), ..self }
    }

    /// Adds a column for each action with the ids of the deciding rules, in the order of the
    /// rulebook.
    ///
    /// ```
    /// use csp_multichannel::{Rulebook, parse_instant};
    /// use csp_multichannel_rulebook::{Sql, to_sql};
    ///
    /// let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
    /// let sql = to_sql(edition, &Sql::new().with_reasons());
    /// let columns = sql.lines().filter_map(|line| Some(line.split_once(" END AS ")?.1));
    /// assert_eq!(
    ///     columns.filter(|name| name.contains("_rules")).collect::<Vec<_>>(),
    ///     [
    ///         r#""request_relationship_rules","#,
    ///         r#""recreate_and_cancel_rules","#,
    ///         r#""switch_rules","#,
    ///         r#""wait_until_term_end_rules","#,
    ///         r#""cancel_then_move_rules""#,
    ///     ],
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_reasons(self) -> Self {
        Self { reasons: true, ..self }
    }

    /// Derives the phase of the term at an instant, in UTC, from the columns `purchased_at`,
    /// `ends_on` and `cancellable_until`, instead of reading `term_phase`.
    ///
    /// The columns `has_term`, `may_be_cancellable`, `may_be_committed` and `may_be_ended` are
    /// added.
    ///
    /// ```
    /// use csp_multichannel::{Rulebook, parse_instant};
    /// use csp_multichannel_rulebook::{Sql, to_sql};
    ///
    /// let as_of = parse_instant("2026-11-27")?;
    /// let edition = Rulebook::partner_center().edition_at(as_of)?;
    /// let reads_phase = |options: &Sql| to_sql(edition, options).contains("\"term_phase\"");
    /// assert!(reads_phase(&Sql::new()));
    /// assert!(!reads_phase(&Sql::new().with_dates_at(as_of)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_dates_at(self, at: DateTime<Utc>) -> Self {
        Self { dates_at: Some(at), ..self }
    }
}

/// Writes an edition as one SQL statement over a table whose columns are named as the facts.
///
/// All columns pass through. The statement adds `invalid_column` and a column for each of the five actions
/// with its verdict. `NULL` means unknown, and verdicts that depend on it are exact.
///
/// An invalid row has no verdicts, and `invalid_column` is the name of the invalid column: a fact has an
/// unknown word, or the last day of the term is before its purchase.
///
/// The statement uses only `CASE`, `AND`, `OR`, `NOT`, `IN`, `IS NULL`, comparisons, `+`, `||`,
/// `SUBSTR`, `CAST` to `VARCHAR` and nested `SELECT`. Names are in double quotes, so their case
/// matters.
///
/// ```
/// use csp_multichannel::parse_instant;
/// use csp_multichannel_rulebook::{Sql, from_json, to_sql};
///
/// let rulebook = from_json(r#"{"rules": [{
///     "id": "switch-at-home", "effect": "permit", "actions": ["switch"],
///     "when": {"region": "same"}, "from": "2026-01-01", "reason": "we sell at home only"
/// }]}"#)?;
/// let sql = to_sql(rulebook.edition_at(parse_instant("2026-11-27")?)?, &Sql::new());
/// let (switch, _) = sql.split_once(" AS \"switch\"").unwrap();
/// let (_, switch) = switch.split_once(" AS \"recreate_and_cancel\",\n").unwrap();
/// assert_eq!(
///     switch,
///     r#"  CASE WHEN c."invalid_column" IS NULL THEN CASE
///     0
///     + CASE WHEN ((c."region" IS NULL OR c."region" IN ('same'))) THEN 1 ELSE 0 END
///     + CASE WHEN ((c."region" IS NULL OR c."region" IN ('other'))) THEN 8 ELSE 0 END
///     WHEN 1 THEN 'allowed'
///     WHEN 2 THEN 'conditional'
///     WHEN 4 THEN 'denied'
///     WHEN 8 THEN 'not_covered'
///     ELSE 'undetermined' END END"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_sql(edition: Edition<'_>, options: &Sql) -> String {
    let has_dates = options.dates_at.is_some();
    let table = name(&options.table);
    let mut cases = format!("SELECT t.*,\n    {} AS \"invalid_column\"", invalid_column(has_dates));
    if let Some(at) = options.dates_at {
        cases += &Phases { at }.columns();
    }
    let mut sql = select("c", &format!("{cases}\n  FROM {table} t"), |action| {
        (action.to_string(), verdict(edition, action, has_dates))
    });
    if options.reasons {
        sql = select("d", &sql, |action| {
            (format!("{action}_rules"), reasons(edition, action, has_dates))
        });
    }
    let since = edition.since();
    let view = options.view.as_ref().map(|view| format!("CREATE VIEW {} AS\n", name(view)));
    format!(
        "-- The verdict on each action, by the edition of {since}.\n{}{sql}\n",
        view.unwrap_or_default()
    )
}

/// Writes a query with all columns of another one, and one column for each action.
fn select(alias: &str, from: &str, of: impl Fn(Action) -> (String, String)) -> String {
    let columns = Action::ALL.iter().map(|action| {
        let (name, expression) = of(*action);
        format!(",\n  {expression} AS {}", quoted(&name))
    });
    format!("SELECT {alias}.*{}\nFROM (\n  {from}\n) {alias}", columns.collect::<String>())
}

/// Quotes a name, or several with dots between them.
fn name(text: &str) -> String {
    text.split('.').map(quoted).collect::<Vec<_>>().join(".")
}

/// Quotes a name, with its quotes doubled.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literals<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words
        .into_iter()
        .map(|word| format!("'{}'", word.replace('\'', "''")))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Writes the name of the first column with an invalid value.
fn invalid_column(has_dates: bool) -> String {
    let facts = Fact::ALL.iter().filter(|fact| !has_dates || **fact != Fact::TermPhase);
    let unknown = facts.map(|fact| {
        let words = literals(fact.words().iter().copied());
        format!("\n      WHEN t.{} NOT IN ({words}) THEN '{fact}'", quoted(fact.as_str()))
    });
    let mut sql = format!("CASE{}", unknown.collect::<String>());
    if has_dates {
        let _ = write!(
            sql,
            "\n      WHEN {} AND SUBSTR(CAST(t.\"ends_on\" AS VARCHAR), 1, 10) < \
             SUBSTR(CAST(t.\"purchased_at\" AS VARCHAR), 1, 10) THEN 'ends_on'",
            has_term()
        );
    }
    sql + "\n    END"
}

/// Writes whether there is a last day, of a service that may have a term.
fn has_term() -> String {
    let usage = literals(Service::USAGE_BASED.iter().map(Service::as_str));
    format!(
        "t.\"ends_on\" IS NOT NULL AND (t.\"service\" IS NULL OR t.\"service\" NOT IN ({usage}))"
    )
}

/// Writes the verdict. A possible verdict has a bit, set if some row of the table admits the word
/// or `NULL` of every fact.
fn verdict(edition: Edition<'_>, action: Action, has_dates: bool) -> String {
    let table = decision_table(edition, action);
    let cases = Cases { alias: "c", has_dates };
    let mut sql = "CASE WHEN c.\"invalid_column\" IS NULL THEN CASE\n    0".to_owned();
    let verdicts = Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Undetermined);
    for (bit, verdict) in verdicts.clone().enumerate() {
        let rows = table.rows.iter().filter(|row| row.verdict == *verdict);
        let rows: Vec<String> = rows.map(|row| cases.possible(row.condition)).collect();
        if !rows.is_empty() {
            let _ = write!(
                sql,
                "\n    + CASE WHEN {} THEN {} ELSE 0 END",
                rows.join("\n      OR "),
                1 << bit
            );
        }
    }
    for (bit, verdict) in verdicts.enumerate() {
        let _ = write!(sql, "\n    WHEN {} THEN '{verdict}'", 1 << bit);
    }
    sql + "\n    ELSE 'undetermined' END END"
}

/// The cases, under an alias.
struct Cases {
    alias: &'static str,
    has_dates: bool,
}

impl Cases {
    fn column(&self, fact: Fact) -> String {
        format!("{}.{}", self.alias, quoted(fact.as_str()))
    }

    /// Writes whether some assignment meets a condition.
    fn possible(&self, condition: Facts) -> String {
        let admitted = |fact| {
            let words: Vec<&str> = condition.possible_words(fact).collect();
            match fact {
                Fact::TermPhase if self.has_dates => {
                    let phases = words.iter().map(|word| self.may_be(word, 1));
                    format!("({})", phases.collect::<Vec<_>>().join(" OR "))
                }
                // With dates, `NULL` means the services that have a term.
                Fact::Service
                    if self.has_dates && words.iter().all(|word| is_paid_by_use(word)) =>
                {
                    let known = format!("{} IS NULL AND {}", self.column(fact), self.has_term(0));
                    format!("({known} OR {} IN ({}))", self.column(fact), literals(words))
                }
                Fact::AtTermEnd if self.has_dates => {
                    let settled = settled(&words);
                    let early = if settled.is_empty() {
                        NEVER.into()
                    } else {
                        is_one_of(self.alias, fact, &settled)
                    };
                    format!(
                        "CASE WHEN {} THEN {early} ELSE {} END",
                        self.is_early(),
                        is_one_of(self.alias, fact, &words)
                    )
                }
                _ => is_one_of(self.alias, fact, &words),
            }
        };
        all(condition.narrowed().iter().map(admitted))
    }

    /// Writes whether every assignment meets a condition.
    fn certain(&self, condition: Facts) -> String {
        let admitted = |fact: Fact| {
            let words: Vec<&str> = condition.possible_words(fact).collect();
            let known = format!("{} IN ({})", self.column(fact), literals(words.iter().copied()));
            let others = fact.words().iter().filter(|word| !words.contains(word));
            match fact {
                Fact::TermPhase if self.has_dates => all(others.map(|word| self.may_be(word, 0))),
                Fact::Service
                    if self.has_dates && others.clone().all(|word| is_paid_by_use(word)) =>
                {
                    format!("({known} OR {} IS NULL AND {})", self.column(fact), self.has_term(1))
                }
                Fact::AtTermEnd if self.has_dates => {
                    let settled = settled(&words);
                    let all_are = others.eq(["extend"].iter());
                    let null = if all_are {
                        format!("{} IS NULL OR ", self.column(fact))
                    } else {
                        String::new()
                    };
                    let early = if settled.is_empty() {
                        NEVER.into()
                    } else {
                        format!("({null}{} IN ({}))", self.column(fact), literals(settled))
                    };
                    format!("CASE WHEN {} THEN {early} ELSE {known} END", self.is_early())
                }
                _ => known,
            }
        };
        all(condition.narrowed().iter().map(admitted))
    }

    fn may_be(&self, phase: &str, possible: u8) -> String {
        format!("{}.\"may_be_{phase}\" = {possible}", self.alias)
    }

    fn has_term(&self, is: u8) -> String {
        format!("{}.\"has_term\" = {is}", self.alias)
    }

    /// Writes whether the term ends before extended service terms exist.
    fn is_early(&self) -> String {
        format!("{} AND {}.\"ends_on\" < '2026-05-04'", self.has_term(1), self.alias)
    }
}

/// A condition that nothing meets.
const NEVER: &str = "1 = 0";

fn all(conditions: impl Iterator<Item = String>) -> String {
    let conditions: Vec<String> = conditions.collect();
    if conditions.is_empty() { "1 = 1".into() } else { format!("({})", conditions.join(" AND ")) }
}

fn is_paid_by_use(word: &str) -> bool {
    Service::USAGE_BASED.iter().any(|service| service.as_str() == word)
}

/// Returns the words of a column that mean some ends, where `extend` is `end`.
fn settled<'w>(admitted: &[&'w str]) -> Vec<&'w str> {
    let mut words: Vec<&str> = admitted.iter().copied().filter(|word| *word != "extend").collect();
    if words.contains(&"end") {
        words.push("extend");
    }
    words
}

fn is_one_of(alias: &str, fact: Fact, words: &[&str]) -> String {
    let (column, words) = (quoted(fact.as_str()), literals(words.iter().copied()));
    format!("({alias}.{column} IS NULL OR {alias}.{column} IN ({words}))")
}

/// The phase of a term at an instant, as conditions on columns of dates (`terms.md`).
struct Phases {
    at: DateTime<Utc>,
}

impl Phases {
    /// Writes whether the dates count, and for each phase whether it is possible.
    fn columns(&self) -> String {
        let has_term = has_term();
        let over = format!("t.\"ends_on\" < '{}'", self.at.date_naive());
        let renews = is_one_of("t", Fact::AtTermEnd, &["renew"]);
        let ends = is_one_of("t", Fact::AtTermEnd, &["extend", "end"]);
        let until = |than| format!("t.\"cancellable_until\" {than} {}", timestamp(self.at));
        let mut sql = format!(",\n    CASE WHEN {has_term} THEN 1 ELSE 0 END AS \"has_term\"");
        for (phase, after, stated, derived) in [
            ("cancellable", &renews, until(">"), self.cancellable()),
            ("committed", &renews, until("<="), self.committed()),
            ("ended", &ends, NEVER.into(), NEVER.into()),
        ] {
            let _ = write!(
                sql,
                ",\n    CASE WHEN NOT ({has_term}) THEN 1\n      WHEN {over} THEN CASE WHEN {after} THEN 1 ELSE 0 END\n      \
                 WHEN t.\"cancellable_until\" IS NOT NULL THEN CASE WHEN {stated} THEN 1 ELSE 0 END\n      \
                 WHEN {derived} THEN 1 ELSE 0 END AS \"may_be_{phase}\""
            );
        }
        sql
    }

    /// Writes whether a running term may be cancellable, by the service.
    fn cancellable(&self) -> String {
        let always =
            [Service::License, Service::AzureReservation, Service::Software, Service::Marketplace];
        let always = literals(always.map(Service::as_str));
        let open = format!("t.\"purchased_at\" IS NULL OR {}", self.window());
        format!(
            "t.\"service\" IS NULL OR t.\"service\" IN ({always}) OR (t.\"service\" = '{}' AND ({open}))",
            Service::NewCommerceLicense
        )
    }

    /// Writes whether a running term may be committed, by the service.
    fn committed(&self) -> String {
        let always = [Service::AzureSavingsPlan, Service::Software, Service::Marketplace];
        let always = literals(always.map(Service::as_str));
        let under_agreement = [
            Channel::Open,
            Channel::EnterpriseAgreement,
            Channel::McaEnterprise,
            Channel::ThirdParty,
        ];
        let under_agreement = is_one_of("t", Fact::Channel, &under_agreement.map(Channel::as_str));
        let closed = format!("t.\"purchased_at\" IS NULL OR NOT ({})", self.window());
        format!(
            "t.\"service\" IS NULL OR t.\"service\" IN ({always}) OR (t.\"service\" = '{}' AND {under_agreement})\n        \
             OR (t.\"service\" = '{}' AND ({closed}))",
            Service::License,
            Service::NewCommerceLicense
        )
    }

    /// Writes whether the cancellation window of a new-commerce license is open, by its purchase
    /// (CW).
    fn window(&self) -> String {
        let bought_after = |hours| {
            format!("t.\"purchased_at\" > {}", timestamp(self.at - TimeDelta::hours(hours)))
        };
        let day = |day: u32| NaiveDate::from_ymd_opt(2022, 3, day).unwrap_or_default();
        if self.at.date_naive() < day(19) {
            return bought_after(72);
        }
        let longer =
            format!("t.\"purchased_at\" >= '{} 00:00:00' AND {}", day(12), bought_after(168));
        format!("{} OR ({longer})", bought_after(72))
    }
}

/// Writes an instant in SQL, in UTC.
fn timestamp(at: DateTime<Utc>) -> String {
    format!("'{}'", at.naive_utc())
}

/// Writes the ids of the rules that decide a verdict, and fire under every assignment.
fn reasons(edition: Edition<'_>, action: Action, has_dates: bool) -> String {
    let cases = Cases { alias: "d", has_dates };
    let rules = |effect| -> Vec<&Rule> {
        edition
            .rules()
            .filter(|rule| rule.effect() == effect && rule.actions().contains(action))
            .collect()
    };
    let ids = |rules: &[&Rule]| {
        let id = |rule: &&Rule| {
            format!(
                "CASE WHEN {} THEN ', {}' ELSE '' END",
                cases.certain(rule.condition()),
                rule.id()
            )
        };
        let ids: Vec<String> = rules.iter().map(id).collect();
        if ids.is_empty() { "''".into() } else { format!("SUBSTR({}, 3)", ids.join("\n      || ")) }
    };
    let vetoes = rules(Effect::Veto);
    let mut denied = ids(&rules(Effect::Forbid));
    if !vetoes.is_empty() {
        let fires: Vec<String> =
            vetoes.iter().map(|rule| cases.possible(rule.condition())).collect();
        denied =
            format!("CASE WHEN {} THEN {} ELSE {denied} END", fires.join(" OR "), ids(&vetoes));
    }
    let permits = ids(&rules(Effect::Permit));
    let column = quoted(action.as_str());
    format!(
        "CASE d.{column}\n    WHEN 'allowed' THEN {permits}\n    WHEN 'conditional' THEN {permits}\n    \
         WHEN 'denied' THEN {denied}\n    WHEN 'not_covered' THEN {} END",
        ids(&rules(Effect::Exclude))
    )
}
