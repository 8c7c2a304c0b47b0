//! One act from its decision to its answer.

use chat_proto::error::Refusal;
use tokio::sync::oneshot;

use super::Position;
use super::writer::Tx;
use crate::error::Error;

/// Something that is done in one transaction of the writer: it decides, changes tables, appends events and records
/// consequences. What it answers is given after its events were delivered and its consequences took effect.
///
/// Closures are acts as well.
pub trait Act: Send + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;

    /// Does it. MUST decide before it writes: if it refuses, nothing of it may have been written. MAY run twice.
    ///
    /// # Errors
    /// What the caller did wrong, or that the database failed.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Self::Answer, Error>;
}

impl<T: Send + 'static, F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static> Act for F {
    type Answer = T;

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<T, Error> {
        self(tx)
    }
}

/// Where the answer to an append goes. Dropping a slot releases it without an answer.
pub trait ReplySlot: Send + 'static {
    /// Answers where the event is, or why it is nowhere.
    fn answer(self, outcome: Result<Position, Refusal>);
}

/// An act under way, with the caller inside.
pub(super) trait Pending: Send {
    /// Runs it and keeps its result.
    ///
    /// # Errors
    /// What is not the caller's fault.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Error>;

    /// Gives the caller its result, or why the transaction failed.
    fn finish(self: Box<Self>, failure: Option<Error>);
}

pub(super) struct Asked<A: Act> {
    act: A,
    result: Option<Result<A::Answer, Error>>,
    caller: oneshot::Sender<Result<A::Answer, Error>>,
}

impl<A: Act> Asked<A> {
    /// An act, and where its answer will be.
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
        // What the act still holds, such as the scraps of an upload, is gone before the caller hears.
        drop(act);
        let result = match (failure, result) {
            (Some(failure), _) => Err(failure),
            (None, Some(result)) => result,
            (None, None) => Err(Error::Internal(anyhow::anyhow!("an act was committed without having run"))),
        };
        // The caller may be gone. What follows from the act has happened all the same.
        let _ = caller.send(result);
    }
}
