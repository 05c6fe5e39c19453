//! Decide in a service: one rulebook of your own, shared between threads.

use std::sync::Arc;
use std::thread;

use csp_multichannel::chrono::NaiveDate;
use csp_multichannel::{
    Action, Channel, Effect, Rule, Rulebook, Subscription, Verdict, parse_instant,
};

/// The published policy, and a rule of the house: no moves out of volume licensing.
fn house_rulebook() -> Result<Rulebook, Box<dyn std::error::Error>> {
    let from = NaiveDate::from_ymd_opt(2026, 1, 1).ok_or("no such day")?;
    let veto = Rule::new("no-volume-licensing", Effect::Veto, Action::MOVES, from)
        .when(Channel::Open)
        .with_reason("we do not take over subscriptions from volume licensing")
        .with_rulebook("northwind");
    let rules = Rulebook::partner_center().rules().iter().cloned().chain([veto]);
    Ok(Rulebook::new(rules)?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rulebook = Arc::new(house_rulebook()?);
    let at = parse_instant("2026-11-27")?;

    let workers = [Channel::Open, Channel::ThisPartner].map(|channel| {
        let rulebook = Arc::clone(&rulebook);
        let subscription = Subscription::new().with(channel);
        thread::spawn(move || {
            rulebook.decide(&subscription, at).map(|decision| decision.verdict(Action::Switch))
        })
    });
    let verdicts = workers.map(|worker| worker.join().expect("no decision panics"));

    println!("{verdicts:?}");
    assert_eq!(verdicts, [Ok(Verdict::Denied), Ok(Verdict::NotCovered)]);
    Ok(())
}
