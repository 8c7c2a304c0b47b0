//! The result of one transaction, to be published.

use chat_proto::ErrorCode;
use chat_proto::error::Refusal;
use chat_proto::event::{MemberChange, What};
use chat_proto::user::User;

use super::tx::{Done, Outcome};
use super::{Job, Work};
use crate::id::RoomId;
use crate::store::Position;
use crate::store::act::{Pending, ReplySlot};
use crate::store::admission::Moment;
use crate::store::consequence::Consequence;

/// The result of an append, or an event of an act. It is stored, but not delivered yet.
pub struct Written<S> {
    /// The room.
    pub room: RoomId,
    /// Its position, or why it was refused.
    pub outcome: Result<Position, Refusal>,
    /// The moment of its act.
    pub moment: Moment,
    /// The event. `None` if it was refused, or if its author had already sent it.
    pub event: Option<(User, What)>,
    /// Where to answer its author. `None` if it belongs to an act.
    pub slot: Option<S>,
}

impl<S> Written<S> {
    /// Returns the membership change, if it is one.
    #[must_use]
    pub fn member_change(&self) -> Option<MemberChange> {
        match &self.event {
            Some((_, What::Member(change))) => Some(change.clone()),
            _ => None,
        }
    }
}

/// The result of one transaction. It MUST be published in three steps: deliver what was written, apply the
/// consequences, and then call [`Self::answer`].
pub struct Commit<S> {
    /// The written events, in order.
    pub written: Vec<Written<S>>,
    /// The consequences, in order, each with the moment of its act.
    pub consequences: Vec<(Moment, Consequence)>,
    answers: Vec<(Box<dyn Pending>, bool)>,
}

/// Publishes commits one after another, in order. It MUST NOT wait for anyone, because nothing is committed
/// meanwhile.
pub type Publish<S> = Box<dyn FnMut(Commit<S>) + Send>;

/// The error response to everyone in a failed transaction. The writer itself logs the failure once.
fn unavailable() -> Refusal {
    Refusal::new(
        ErrorCode::Unavailable,
        "The server could not confirm that this was stored: it may or may not be. Try again in a moment; a message \
         with the same nonce is never stored twice.",
    )
}

impl<S: ReplySlot> Commit<S> {
    pub(super) fn of(batch: Vec<Job<S>>, outcomes: Vec<Outcome>) -> Self {
        let mut commit =
            Self { written: Vec::with_capacity(batch.len()), consequences: Vec::new(), answers: Vec::new() };
        for (job, Outcome { moment, done, consequences }) in batch.into_iter().zip(outcomes) {
            commit.consequences.extend(consequences.into_iter().map(|then| (moment, then)));
            match (job.work, done) {
                (Work::Append(draft, slot), done) => {
                    let (room, slot) = (draft.room, Some(slot));
                    let (outcome, event) = match done {
                        Done::New(position) => (Ok(position), Some(draft.into_what())),
                        Done::Known(position) => (Ok(position), None),
                        Done::Refused(refusal) => (Err(refusal), None),
                        // An append is never an act.
                        Done::Acted(_) => continue,
                    };
                    commit.written.push(Written { room, outcome, moment, event, slot });
                }
                (Work::Act(act), Done::Acted(appended)) => {
                    commit.written.extend(appended.into_iter().map(|(position, draft)| Written {
                        room: draft.room,
                        outcome: Ok(position),
                        moment,
                        event: Some(draft.into_what()),
                        slot: None,
                    }));
                    commit.answers.push((act, true));
                }
                (Work::Act(act), _) => commit.answers.push((act, false)),
            }
        }
        commit
    }

    /// Creates the result of jobs of which nothing is known to be stored.
    pub(super) fn failed(jobs: Vec<Job<S>>) -> Self {
        let mut commit = Self { written: Vec::new(), consequences: Vec::new(), answers: Vec::new() };
        for job in jobs {
            match job.work {
                Work::Append(draft, slot) => commit.written.push(Written {
                    room: draft.room,
                    outcome: Err(unavailable()),
                    moment: Moment::default(),
                    event: None,
                    slot: Some(slot),
                }),
                Work::Act(act) => commit.answers.push((act, false)),
            }
        }
        commit
    }

    /// Returns how many events it has.
    pub(super) fn events(&self) -> u64 {
        self.written.iter().filter(|one| one.event.is_some()).count() as u64
    }
}

impl<S> Commit<S> {
    /// Whether there is nothing to publish.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.consequences.is_empty() && self.answers.is_empty()
    }

    /// Answers the callers of acts. MUST be called after everything else.
    pub fn answer(self) {
        for (act, is_done) in self.answers {
            act.finish((!is_done).then(|| unavailable().into()));
        }
    }
}
