//! An act, from its decision to its answer.

use chat_proto::error::Refusal;
use tokio::sync::oneshot;

use super::Position;
use super::writer::Tx;
use crate::error::Error;

/// A change that runs in one transaction of the writer: it decides, changes tables, appends events and records
/// consequences. The caller gets the answer after its events are delivered and its consequences have taken effect.
///
/// Closures are acts as well.
pub trait Act: Send + 'static {
    /// The answer to the caller.
    type Answer: Send + 'static;

    /// Performs the act. MUST decide before it writes: if it refuses, it must not have written anything. MAY run
    /// twice.
    ///
    /// # Errors
    /// A refusal, or a failure of the database.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Self::Answer, Error>;
}

impl<T: Send + 'static, F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static> Act for F {
    type Answer = T;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<T, Error> {
        self(tx)
    }
}

/// Receives the answer to an append. Dropping a slot releases it without an answer.
pub trait ReplySlot: Send + 'static {
    /// Answers with the event's position, or why it was refused.
    fn answer(self, outcome: Result<Position, Refusal>);
}

/// An act in progress, with its caller.
pub(super) trait Pending: Send {
    /// Runs the act and keeps its result.
    ///
    /// # Errors
    /// A failure that is not the caller's.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error>;

    /// Sends the caller the result, or why the transaction failed.
    fn finish(self: Box<Self>, failure: Option<Error>);
}

pub(super) struct Asked<A: Act> {
    act: A,
    result: Option<Result<A::Answer, Error>>,
    caller: oneshot::Sender<Result<A::Answer, Error>>,
}

impl<A: Act> Asked<A> {
    /// Returns an act, and the receiver of its answer.
    pub(super) fn new(act: A) -> (Self, oneshot::Receiver<Result<A::Answer, Error>>) {
        let (caller, answer) = oneshot::channel();
        (Self { act, result: None, caller }, answer)
    }
}

impl<A: Act> Pending for Asked<A> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.result = match self.act.run(tx) {
            Err(Error::Refused(refusal)) => Some(Err(refusal.into())),
            Err(ours) => return Err(ours),
            done => Some(done),
        };
        Ok(())
    }

    fn finish(self: Box<Self>, failure: Option<Error>) {
        let Self { act, result, caller } = *self;
        // Drops what the act still holds, such as the files of an upload, before the caller is answered.
        drop(act);
        let result = match (failure, result) {
            (Some(failure), _) => Err(failure),
            (None, Some(result)) => result,
            (None, None) => Err(Error::Internal(anyhow::anyhow!("an act was committed without having run"))),
        };
        // The caller may be gone. The act and its consequences do not depend on it.
        let _ = caller.send(result);
    }
}
