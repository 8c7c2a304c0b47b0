//! The files that people uploaded, and the messages they are attached to. Files with the same bytes share a content. Nobody
//! is told who else has the same file.

use chat_proto::event::File;
use chat_proto::{ErrorCode, Millis, UserId};
use diesel::dsl::{count_star, exists, select, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::error::Error;
use crate::store::schema::columns::{MillisParameter, UserParameter};
use crate::store::schema::{discarded, files, message_files};
use crate::store::{Conn, MessageRef, RoomId, on, to_sql, unsigned};

/// Most files that one user keeps.
const OF_USER: i64 = 10_000;

/// A file as it is kept.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = files)]
pub(crate) struct StoredFile {
    /// Names it to others.
    pub(crate) id: String,
    /// Who uploaded it.
    #[diesel(serialize_as = UserParameter)]
    pub(crate) owner_id: UserId,
    /// What its owner called it.
    pub(crate) name: String,
    /// Its length, in bytes.
    pub(crate) size: i64,
    /// Its type.
    pub(crate) media_type: String,
    /// The hash of its content.
    pub(crate) content: String,
    /// An image's width.
    pub(crate) width: Option<i64>,
    /// An image's height.
    pub(crate) height: Option<i64>,
    /// The hash of a smaller image's content.
    pub(crate) thumb: Option<String>,
    /// The smaller image's type.
    pub(crate) thumb_type: Option<String>,
    /// When it came.
    #[diesel(serialize_as = MillisParameter)]
    pub(crate) created_at: Millis,
}

/// Refuses an upload of `size` bytes by who has `most` bytes or too many files already.
///
/// # Errors
/// `forbidden`.
pub(crate) fn refuse_too_many(conn: &mut Conn, owner: UserId, size: u64, most: u64) -> Result<(), Error> {
    let of_owner = files::table.filter(files::owner_id.eq(to_sql(owner)));
    let total = sql::<BigInt>("CAST(coalesce(sum(size), 0) AS BIGINT)");
    let (count, kept): (i64, i64) = on!(conn, |c| of_owner.select((count_star(), total)).first(c))?;
    if count >= OF_USER || unsigned(kept).saturating_add(size) > most {
        let why = format!(
            "You keep as many files as one may: {OF_USER}, or {} MiB. Delete messages with files to free space.",
            most / 1024 / 1024
        );
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(())
}

/// The bytes of all files.
pub(crate) fn total(conn: &mut Conn) -> Result<u64, Error> {
    let total = sql::<BigInt>("CAST(coalesce(sum(size), 0) AS BIGINT)");
    Ok(unsigned(on!(conn, |c| files::table.select(total).first(c))?))
}

/// Adds a file.
pub(crate) fn add(conn: &mut Conn, file: &StoredFile) -> Result<(), Error> {
    on!(conn, |c| diesel::insert_into(files::table).values(file.clone()).execute(c))?;
    Ok(())
}

/// Of these ids the owner's files, in this order.
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

/// Refuses a message with a file that is gone, or is not its author's.
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
            let why = "There is no such file of yours. Upload it again.";
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

/// The file of that id.
pub(crate) fn find(conn: &mut Conn, id: &str) -> QueryResult<Option<StoredFile>> {
    on!(conn, |c| files::table.find(id).first(c)).optional()
}

/// The rooms in which a message has the file attached.
pub(crate) fn rooms_of(conn: &mut Conn, id: &str) -> QueryResult<Vec<RoomId>> {
    on!(conn, |c| message_files::table
        .filter(message_files::file_id.eq(id))
        .select(message_files::room_id)
        .distinct()
        .load(c))
}

/// Detaches a deleted message's files, and deletes those that no other message has. Tells whether there were any.
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

/// The same for all messages of a room.
pub(crate) fn forget_of_room(conn: &mut Conn, room: RoomId) -> Result<bool, Error> {
    let of_room = message_files::table.filter(message_files::room_id.eq(to_sql(room)));
    let ids: Vec<String> = on!(conn, |c| of_room.select(message_files::file_id).distinct().load(c))?;
    on!(conn, |c| diesel::delete(of_room).execute(c))?;
    forget_unattached(conn, &ids)?;
    Ok(!ids.is_empty())
}

/// Deletes those of the files that no message has.
fn forget_unattached(conn: &mut Conn, ids: &[String]) -> Result<(), Error> {
    for id in ids {
        let of_file = message_files::table.filter(message_files::file_id.eq(id));
        if !on!(conn, |c| select(exists(of_file)).get_result::<bool>(c))? {
            forget(conn, id)?;
        }
    }
    Ok(())
}

/// Takes a file away and notes its contents, which may be of no other.
fn forget(conn: &mut Conn, id: &str) -> Result<(), Error> {
    let found: Option<(String, Option<String>)> =
        on!(conn, |c| files::table.find(id).select((files::content, files::thumb)).first(c)).optional()?;
    on!(conn, |c| diesel::delete(files::table.find(id)).execute(c))?;
    if let Some((content, thumb)) = found {
        discard(conn, [content].into_iter().chain(thumb))?;
    }
    Ok(())
}

/// Notes contents that may have no file any more.
pub(crate) fn discard(conn: &mut Conn, contents: impl Iterator<Item = String>) -> Result<(), Error> {
    for content in contents {
        on!(conn, |c| diesel::insert_into(discarded::table)
            .values(discarded::content.eq(content))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Contents that may have no file any more, at most `limit`.
pub(crate) fn discarded(conn: &mut Conn, limit: i64) -> Result<Vec<String>, Error> {
    Ok(on!(conn, |c| discarded::table.select(discarded::content).limit(limit).load(c))?)
}

/// Takes those of `contents` that are of no file away by `remove`, and tells whether all went. Those that cannot be
/// removed stay noted. They MUST have been read as discarded before this transaction: what was discarded in it may be
/// of a file again if it fails.
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

/// Whether any file has this content.
pub(crate) fn is_used(conn: &mut Conn, content: &str) -> Result<bool, Error> {
    let of_file = files::table.filter(files::content.eq(content));
    let of_thumb = files::table.filter(files::thumb.eq(content));
    Ok(on!(conn, |c| select(exists(of_file)).get_result(c))?
        || on!(conn, |c| select(exists(of_thumb)).get_result(c))?)
}

/// Takes away files that no message bears and that came before `before`; at most `limit`.
pub(crate) fn expire(conn: &mut Conn, before: Millis, limit: i64) -> Result<usize, Error> {
    let ids = orphans(conn, before, limit)?;
    for id in &ids {
        forget(conn, id)?;
    }
    Ok(ids.len())
}

/// The ids of files that [`expire`] would take away.
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
