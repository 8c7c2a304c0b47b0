//! The current state of messages. Edits, deletions, reactions and pins change a message's row in the transaction that
//! appends the event.

use chat_proto::user::User;
use chat_proto::{Emoji, ErrorCode, Millis, Seq, UserId, UserName};
use diesel::prelude::*;

use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::{events, members, mentions, reactions, users};
use crate::store::{Conn, MessageRef, Position, on, to_sql};

/// The maximum number of different emoji on one message.
const EMOJI: usize = 20;

/// The maximum number of users that one message mentions.
pub(crate) const MENTIONS: usize = 20;

/// A message as it is now.
pub(crate) struct StoredMessage {
    /// Its author.
    pub(crate) by: UserId,
    /// The text.
    pub(crate) text: String,
    /// What is stored beside the text: mentions and files, as the store reads them.
    pub(crate) detail: Option<String>,
    /// Its position.
    pub(crate) position: Position,
    /// Whether it was deleted.
    pub(crate) is_deleted: bool,
    /// Whether it is pinned.
    pub(crate) is_pinned: bool,
}

/// Returns the message with that seq.
///
/// # Errors
/// `no_such_message`.
pub(crate) fn find(conn: &mut Conn, message: MessageRef) -> Result<StoredMessage, Error> {
    type Row = (UserId, Option<String>, Option<String>, Millis, Option<Millis>, Option<Millis>);
    let row: Option<Row> = on!(conn, |c| events::table
        .find((to_sql(message.room), to_sql(message.seq)))
        .filter(events::kind.eq("message"))
        .select((
            events::by_user,
            events::text,
            events::detail,
            events::at,
            events::deleted_at,
            events::pinned_at,
        ))
        .first(c))
    .optional()?;
    let none = || Error::refused(ErrorCode::NoSuchMessage, "There is no message with that seq in this room.");
    let (by, text, detail, at, deleted_at, pinned_at) = row.ok_or_else(none)?;
    Ok(StoredMessage {
        by,
        text: text.unwrap_or_default(),
        detail,
        position: Position { room: message.room, seq: message.seq, at },
        is_deleted: deleted_at.is_some(),
        is_pinned: pinned_at.is_some(),
    })
}

/// Returns the position of the newest event of this kind about a message.
pub(crate) fn last_about(
    conn: &mut Conn,
    message: MessageRef,
    kind: &str,
) -> Result<Option<Position>, Error> {
    let row: Option<(Seq, Millis)> = on!(conn, |c| events::table
        .filter(events::room_id.eq(to_sql(message.room)).and(events::target.eq(to_sql(message.seq))))
        .filter(events::kind.eq(kind).and(events::target.is_not_null()).and(events::kind.ne("message")))
        .select((events::seq, events::at))
        .order(events::seq.desc())
        .first(c))
    .optional()?;
    Ok(row.map(|(seq, at)| Position { room: message.room, seq, at }))
}

/// Replaces a message's text. The old text is not kept.
pub(crate) fn set_text(
    conn: &mut Conn,
    message: MessageRef,
    text: &str,
    detail: Option<String>,
    now: Millis,
) -> QueryResult<()> {
    on!(conn, |c| diesel::update(events::table.find((to_sql(message.room), to_sql(message.seq))))
        .set((events::text.eq(text), events::detail.eq(detail), events::edited_at.eq(to_sql(now))))
        .execute(c))?;
    Ok(())
}

/// Deletes a message's text, pin and reactions.
pub(crate) fn empty(conn: &mut Conn, message: MessageRef, now: Millis) -> QueryResult<()> {
    let (room, seq) = (message.room, message.seq);
    on!(conn, |c| diesel::update(events::table.find((to_sql(room), to_sql(seq))))
        .set((
            events::text.eq(None::<String>),
            events::detail.eq(None::<String>),
            events::deleted_at.eq(to_sql(now)),
            events::pinned_at.eq(to_sql(None::<Millis>)),
        ))
        .execute(c))?;
    on!(conn, |c| diesel::delete(
        reactions::table.filter(reactions::room_id.eq(to_sql(room)).and(reactions::seq.eq(to_sql(seq))))
    )
    .execute(c))?;
    Ok(())
}

/// Deletes the mentions of a message.
pub(crate) fn forget_mentions(conn: &mut Conn, message: MessageRef, mentioned: &[UserId]) -> QueryResult<()> {
    for user in mentioned {
        on!(conn, |c| diesel::delete(mentions::table.find((
            to_sql(*user),
            to_sql(message.room),
            to_sql(message.seq)
        )))
        .execute(c))?;
    }
    Ok(())
}

/// Deletes the reactions and mentions of a room.
pub(crate) fn forget_room(conn: &mut Conn, room: RoomId) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(reactions::table.filter(reactions::room_id.eq(to_sql(room)))).execute(c))?;
    on!(conn, |c| diesel::delete(mentions::table.filter(mentions::room_id.eq(to_sql(room)))).execute(c))?;
    Ok(())
}

/// Deletes all mentions of a user.
pub(crate) fn forget_user(conn: &mut Conn, user: UserId) -> QueryResult<()> {
    on!(conn, |c| diesel::delete(mentions::table.filter(mentions::user_id.eq(to_sql(user)))).execute(c))?;
    Ok(())
}

/// Stores whom a message mentions.
pub(crate) fn mention(conn: &mut Conn, message: MessageRef, mentioned: &[User]) -> QueryResult<()> {
    for user in mentioned {
        on!(conn, |c| diesel::insert_into(mentions::table)
            .values((
                mentions::user_id.eq(to_sql(user.id)),
                mentions::room_id.eq(to_sql(message.room)),
                mentions::seq.eq(to_sql(message.seq)),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Returns the members among the names in a text, each once, in the order of the text.
pub(crate) fn members_named(conn: &mut Conn, room: RoomId, names: &[UserName]) -> Result<Vec<User>, Error> {
    let mut found: Vec<User> = Vec::new();
    for name in names.iter().take(MENTIONS) {
        let row: Option<(UserId, String)> = on!(conn, |c| members::table
            .inner_join(users::table)
            .filter(members::room_id.eq(to_sql(room)))
            .filter(users::name_key.eq(name.key()).and(users::name.eq(name.as_str())))
            .select((users::id, users::name))
            .first(c))
        .optional()?;
        if let Some((id, name)) = row.filter(|(id, _)| found.iter().all(|user| user.id != *id)) {
            found.push(User { id, name });
        }
    }
    Ok(found)
}

/// Returns the seq of the event in which `user` reacted to a message with this emoji, if they did.
pub(crate) fn reaction(
    conn: &mut Conn,
    message: MessageRef,
    emoji: &Emoji,
    user: UserId,
) -> Result<Option<Seq>, Error> {
    let found: Option<Seq> = on!(conn, |c| reactions::table
        .find((to_sql(message.room), to_sql(message.seq), emoji.as_str(), to_sql(user)))
        .select(reactions::event_seq)
        .first(c))
    .optional()?;
    Ok(found)
}

/// Refuses another emoji if a message already has the maximum number.
///
/// # Errors
/// `forbidden`.
pub(crate) fn refuse_too_many(conn: &mut Conn, message: MessageRef, emoji: &Emoji) -> Result<(), Error> {
    let of_message = reactions::table
        .filter(reactions::room_id.eq(to_sql(message.room)).and(reactions::seq.eq(to_sql(message.seq))));
    let others: Vec<String> = on!(conn, |c| of_message
        .filter(reactions::emoji.ne(emoji.as_str()))
        .select(reactions::emoji)
        .distinct()
        .load(c))?;
    if others.len() >= EMOJI {
        let why = format!("A message has at most {EMOJI} different reactions. Join one that is there.");
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(())
}

/// Adds a reaction.
pub(crate) fn react(
    conn: &mut Conn,
    message: MessageRef,
    emoji: &Emoji,
    user: UserId,
    event: Seq,
) -> Result<(), Error> {
    on!(conn, |c| diesel::insert_into(reactions::table)
        .values((
            reactions::room_id.eq(to_sql(message.room)),
            reactions::seq.eq(to_sql(message.seq)),
            reactions::emoji.eq(emoji.as_str()),
            reactions::user_id.eq(to_sql(user)),
            reactions::event_seq.eq(to_sql(event)),
        ))
        .execute(c))?;
    Ok(())
}

/// Removes a reaction.
pub(crate) fn unreact(
    conn: &mut Conn,
    message: MessageRef,
    emoji: &Emoji,
    user: UserId,
) -> Result<(), Error> {
    on!(conn, |c| diesel::delete(reactions::table.find((
        to_sql(message.room),
        to_sql(message.seq),
        emoji.as_str(),
        to_sql(user)
    )))
    .execute(c))?;
    Ok(())
}

/// Pins or unpins a message.
pub(crate) fn pin(conn: &mut Conn, message: MessageRef, at: Option<Millis>) -> Result<(), Error> {
    on!(conn, |c| diesel::update(events::table.find((to_sql(message.room), to_sql(message.seq))))
        .set(events::pinned_at.eq(to_sql(at)))
        .execute(c))?;
    Ok(())
}
