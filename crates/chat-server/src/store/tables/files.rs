//! Uploaded files, and the messages they are attached to. Files with the same bytes share a content. Nobody learns
//! who else has the same file.

use chat_proto::event::File;
use chat_proto::{ErrorCode, Millis, UserId};
use diesel::dsl::{count_star, exists, select, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::error::Error;
use crate::id::RoomId;
use crate::store::schema::columns::{MillisParameter, UserParameter};
use crate::store::schema::{discarded, files, message_files};
use crate::store::{Conn, MessageRef, on, to_sql, unsigned};

/// The maximum number of files that one user stores.
const OF_USER: i64 = 10_000;

/// A stored file.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = files)]
pub(crate) struct StoredFile {
    /// The id that others see.
    pub(crate) id: String,
    /// The user who uploaded it.
    #[diesel(serialize_as = UserParameter)]
    pub(crate) owner_id: UserId,
    /// The name that its owner gave it.
    pub(crate) name: String,
    /// Its length, in bytes.
    pub(crate) size: i64,
    /// Its media type.
    pub(crate) media_type: String,
    /// The hash of its content.
    pub(crate) content: String,
    /// An image's width, in pixels.
    pub(crate) width: Option<i64>,
    /// An image's height, in pixels.
    pub(crate) height: Option<i64>,
    /// The hash of the thumbnail's content.
    pub(crate) thumb: Option<String>,
    /// The thumbnail's media type.
    pub(crate) thumb_type: Option<String>,
    /// When it was uploaded.
    #[diesel(serialize_as = MillisParameter)]
    pub(crate) created_at: Millis,
}

/// Refuses an upload of `size` bytes if its owner would have more than `most` bytes or already has too many files.
///
/// # Errors
/// `forbidden`.
pub(crate) fn refuse_too_many(conn: &mut Conn, owner: UserId, size: u64, most: u64) -> Result<(), Error> {
    let of_owner = files::table.filter(files::owner_id.eq(to_sql(owner)));
    let total = sql::<BigInt>("CAST(coalesce(sum(size), 0) AS BIGINT)");
    let (count, kept): (i64, i64) = on!(conn, |c| of_owner.select((count_star(), total)).first(c))?;
    if count >= OF_USER || unsigned(kept).saturating_add(size) > most {
        let why = format!(
            "You have reached your limit of {OF_USER} files or {} MiB. Delete messages with files to free space.",
            most / 1024 / 1024
        );
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(())
}

/// Returns the number of bytes of all files.
pub(crate) fn total(conn: &mut Conn) -> Result<u64, Error> {
    let total = sql::<BigInt>("CAST(coalesce(sum(size), 0) AS BIGINT)");
    Ok(unsigned(on!(conn, |c| files::table.select(total).first(c))?))
}

/// Adds a file.
pub(crate) fn add(conn: &mut Conn, file: &StoredFile) -> Result<(), Error> {
    on!(conn, |c| diesel::insert_into(files::table).values(file.clone()).execute(c))?;
    Ok(())
}

/// Returns those of the ids that are the owner's files, in this order.
pub(crate) fn owned(
    conn: &mut Conn,
    owner: UserId,
    ids: &[String],
) -> Result<Vec<Option<StoredFile>>, Error> {
    let find = |id| {
        on!(conn, |c| files::table.find(id).filter(files::owner_id.eq(to_sql(owner))).first(c)).optional()
    };
    Ok(ids.iter().map(find).collect::<QueryResult<_>>()?)
}

/// Refuses a message with a file that does not exist or is not its author's.
///
/// # Errors
/// `no_such_file`.
pub(in crate::store) fn refuse_foreign(
    conn: &mut Conn,
    owner: UserId,
    attached: &[File],
) -> Result<(), Error> {
    for file in attached {
        let of_owner = files::table.find(&file.id).filter(files::owner_id.eq(to_sql(owner)));
        if !on!(conn, |c| select(exists(of_owner)).get_result::<bool>(c))? {
            let why = "You have no such file. Upload it again.";
            return Err(Error::refused(ErrorCode::NoSuchFile, why));
        }
    }
    Ok(())
}

/// Attaches files to a message.
pub(in crate::store) fn attach(conn: &mut Conn, message: MessageRef, attached: &[File]) -> Result<(), Error> {
    for file in attached {
        on!(conn, |c| diesel::insert_into(message_files::table)
            .values((
                message_files::file_id.eq(&file.id),
                message_files::room_id.eq(to_sql(message.room)),
                message_files::seq.eq(to_sql(message.seq)),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Returns the file with that id.
pub(crate) fn find(conn: &mut Conn, id: &str) -> QueryResult<Option<StoredFile>> {
    on!(conn, |c| files::table.find(id).first(c)).optional()
}

/// Returns the rooms in which a message has the file attached.
pub(crate) fn rooms_of(conn: &mut Conn, id: &str) -> QueryResult<Vec<RoomId>> {
    on!(conn, |c| message_files::table
        .filter(message_files::file_id.eq(id))
        .select(message_files::room_id)
        .distinct()
        .load(c))
}

/// Detaches a deleted message's files, and deletes those that no other message has. Returns whether there were any.
pub(crate) fn forget_of_message(conn: &mut Conn, message: MessageRef) -> Result<bool, Error> {
    let of_message = message_files::table.filter(
        message_files::room_id.eq(to_sql(message.room)).and(message_files::seq.eq(to_sql(message.seq))),
    );
    let ids: Vec<String> = on!(conn, |c| of_message.select(message_files::file_id).load(c))?;
    if ids.is_empty() {
        return Ok(false);
    }
    on!(conn, |c| diesel::delete(of_message).execute(c))?;
    forget_unattached(conn, &ids)?;
    Ok(true)
}

/// Like [`forget_of_message`], for all messages of a room.
pub(crate) fn forget_of_room(conn: &mut Conn, room: RoomId) -> Result<bool, Error> {
    let of_room = message_files::table.filter(message_files::room_id.eq(to_sql(room)));
    let ids: Vec<String> = on!(conn, |c| of_room.select(message_files::file_id).distinct().load(c))?;
    on!(conn, |c| diesel::delete(of_room).execute(c))?;
    forget_unattached(conn, &ids)?;
    Ok(!ids.is_empty())
}

/// Deletes those files that no message has.
fn forget_unattached(conn: &mut Conn, ids: &[String]) -> Result<(), Error> {
    for id in ids {
        let of_file = message_files::table.filter(message_files::file_id.eq(id));
        if !on!(conn, |c| select(exists(of_file)).get_result::<bool>(c))? {
            forget(conn, id)?;
        }
    }
    Ok(())
}

/// Deletes a file, and marks its contents as discarded, because no other file may use them.
fn forget(conn: &mut Conn, id: &str) -> Result<(), Error> {
    let found: Option<(String, Option<String>)> =
        on!(conn, |c| files::table.find(id).select((files::content, files::thumb)).first(c)).optional()?;
    on!(conn, |c| diesel::delete(files::table.find(id)).execute(c))?;
    if let Some((content, thumb)) = found {
        discard(conn, [content].into_iter().chain(thumb))?;
    }
    Ok(())
}

/// Marks contents that may no longer belong to a file.
pub(crate) fn discard(conn: &mut Conn, contents: impl Iterator<Item = String>) -> Result<(), Error> {
    for content in contents {
        on!(conn, |c| diesel::insert_into(discarded::table)
            .values(discarded::content.eq(content))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Returns at most `limit` contents that may no longer belong to a file.
pub(crate) fn discarded(conn: &mut Conn, limit: i64) -> Result<Vec<String>, Error> {
    Ok(on!(conn, |c| discarded::table.select(discarded::content).limit(limit).load(c))?)
}

/// Removes those of `contents` that no file uses, by calling `remove`, and returns whether all were removed. Those
/// that cannot be removed stay marked. They MUST have been read as discarded before this transaction: if it fails,
/// contents that it discarded may be used again.
pub(crate) fn clear(
    conn: &mut Conn,
    contents: &[String],
    mut remove: impl FnMut(&str) -> std::io::Result<()>,
) -> Result<bool, Error> {
    let mut all = true;
    for content in contents {
        if !is_used(conn, content)?
            && let Err(e) = remove(content)
        {
            tracing::warn!(error = %e, "a file cannot be removed from the disk");
            all = false;
            continue;
        }
        on!(conn, |c| diesel::delete(discarded::table.find(content)).execute(c))?;
    }
    Ok(all)
}

/// Whether a file uses this content.
pub(crate) fn is_used(conn: &mut Conn, content: &str) -> Result<bool, Error> {
    let of_file = files::table.filter(files::content.eq(content));
    let of_thumb = files::table.filter(files::thumb.eq(content));
    Ok(on!(conn, |c| select(exists(of_file)).get_result(c))?
        || on!(conn, |c| select(exists(of_thumb)).get_result(c))?)
}

/// Deletes at most `limit` files that no message has and that were uploaded before `before`. Returns how many.
pub(crate) fn expire(conn: &mut Conn, before: Millis, limit: i64) -> Result<usize, Error> {
    let ids = orphans(conn, before, limit)?;
    for id in &ids {
        forget(conn, id)?;
    }
    Ok(ids.len())
}

/// Returns the ids of files that [`expire`] would delete.
pub(crate) fn orphans(conn: &mut Conn, before: Millis, limit: i64) -> Result<Vec<String>, Error> {
    let attached = message_files::table.filter(message_files::file_id.eq(files::id));
    let ids = on!(conn, |c| files::table
        .filter(files::created_at.lt(to_sql(before)))
        .filter(diesel::dsl::not(exists(attached)))
        .select(files::id)
        .limit(limit)
        .load(c))?;
    Ok(ids)
}
