//! Ask for what is missing, the most useful question first, and say why.

use csp_multichannel::{Action, Channel, Cloud, Fact, Facts, Rulebook, Service, parse_instant};
use csp_multichannel_guidance::{Weights, questions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let known =
        Facts::UNKNOWN.with(Channel::OtherCspPartner).with(Service::AzurePlan).with(Cloud::Public);
    let edition = Rulebook::partner_center().edition_at(parse_instant("2026-11-27")?)?;
    // What is usual is more likely.
    let weights = Weights::UNIFORM.with(csp_multichannel::Region::Same, 50);

    let questions = questions(&edition.decide(known), Action::Switch, &weights);
    for question in &questions {
        println!("{} ({question})", question.text);
        for answer in &question.answers {
            println!("    {}: switch {}", answer.value, answer.verdicts.on(Action::Switch));
        }
    }

    assert_eq!(questions.len(), 6);
    assert!(questions.iter().any(|question| question.fact == Fact::Status));
    assert!(
        questions[0].to_string().starts_with("switch (allowed, conditional, denied) depends on")
    );
    Ok(())
}
