//! The kinds of steps, and the goals of plans.

use csp_multichannel::{Action, AtTermEnd, Facts, Relationship, Status, Transfer};

csp_multichannel::words! {
    /// The kind of a step.
    ///
    /// ```
    /// use csp_multichannel_guidance::StepKind;
    ///
    /// assert_eq!(StepKind::LetTermEnd.to_string(), "let_term_end");
    /// assert_eq!(
    ///     StepKind::EndTransfer.meaning(),
    ///     "End the open transfer request: refuse or cancel it, or let it expire.",
    /// );
    /// ```
    #[non_exhaustive]
    pub enum StepKind, step {
        /// Request the relationship.
        RequestRelationship = request_relationship,
        /// Accept the relationship.
        AcceptRelationship = accept_relationship,
        /// Set the subscription to end with its term.
        SetToEnd = set_to_end,
        /// Reactivate the subscription.
        Reactivate = reactivate,
        /// End the open transfer request: refuse or cancel it, or let it expire.
        EndTransfer = end_transfer,
        /// Wait for the term, or for the policy to change.
        Wait = wait,
        /// Transfer the subscription.
        Switch = switch,
        /// Create a new subscription.
        Recreate = recreate,
        /// Buy the same product from the asking partner.
        Buy = buy,
        /// Let the term end.
        LetTermEnd = let_term_end,
        /// Cancel the old subscription.
        Cancel = cancel,
    }
}

impl StepKind {
    /// The kinds that change a fact, and so can open an action.
    pub(crate) const PREPARING: [Self; 5] = [
        Self::RequestRelationship,
        Self::AcceptRelationship,
        Self::SetToEnd,
        Self::Reactivate,
        Self::EndTransfer,
    ];

    /// Whether the step carries out the action that reaches the goal.
    pub(crate) const fn acts(self) -> bool {
        matches!(self, Self::Switch | Self::Recreate | Self::LetTermEnd | Self::Cancel)
    }

    /// Returns the fact that the step changes, with its new value, if it changes one.
    ///
    /// ```
    /// use csp_multichannel::Relationship;
    /// use csp_multichannel_guidance::StepKind;
    ///
    /// assert_eq!(StepKind::AcceptRelationship.change(), Some(Relationship::Active.into()));
    /// assert_eq!(StepKind::Buy.change(), None);
    /// ```
    #[must_use]
    pub fn change(self) -> Option<Facts> {
        match self {
            Self::RequestRelationship => Some(Relationship::Requested.into()),
            Self::AcceptRelationship => Some(Relationship::Active.into()),
            Self::SetToEnd => Some(AtTermEnd::End.into()),
            Self::Reactivate => Some(Status::Active.into()),
            Self::EndTransfer => Some(Transfer::None.into()),
            Self::Wait
            | Self::Switch
            | Self::Recreate
            | Self::Buy
            | Self::LetTermEnd
            | Self::Cancel => None,
        }
    }
}

csp_multichannel::words! {
    /// The goal of a plan.
    ///
    /// ```
    /// use csp_multichannel_guidance::Goal;
    ///
    /// assert_eq!("move".parse(), Ok(Goal::Move));
    /// assert_eq!(
    ///     "transfer".parse::<Goal>().unwrap_err().to_string(),
    ///     "unknown goal `transfer`, expected one of `manage`, `move`",
    /// );
    /// ```
    #[non_exhaustive]
    pub enum Goal, goal {
        /// Manage the subscription where it is, by an active relationship. The relationship
        /// includes administration through 2023-10-08, and in `china`; otherwise, that is requested
        /// separately.
        Manage = manage,
        /// Bring the subscription, or its successor, to the asking partner.
        Move = move,
    }
}

impl Goal {
    /// Returns the actions that reach the goal.
    pub(crate) fn actions(self) -> impl Iterator<Item = Action> {
        let moves = self == Self::Move;
        Action::ALL.iter().copied().filter(move |&action| Action::MOVES.contains(action) == moves)
    }
}
