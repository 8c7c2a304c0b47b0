//! The tables for Diesel, written by hand after `migrations/`. They are the same in every kind of database.

pub(crate) mod columns;

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    lineage (log, room_id) {
        log -> Text,
        room_id -> Room,
        head -> Seq,
        number -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    users (id) {
        id -> User,
        name -> Text,
        name_key -> Nullable<Text>,
        kind -> Text,
        role -> Text,
        created_at -> Millis,
        seen_at -> Millis,
        password -> Nullable<Text>,
        erased -> Bool,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    logins (token_hash) {
        token_hash -> Binary,
        user_id -> User,
        client -> Text,
        created_at -> Millis,
        seen_at -> Millis,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    rooms (id) {
        id -> Room,
        name -> Text,
        kind -> Text,
        topic -> Text,
        created_by -> Nullable<User>,
        created_at -> Millis,
        start -> Seq,
        unused_since -> Nullable<Millis>,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    removed_rooms (above) {
        above -> Seq,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    members (user_id, room_id) {
        user_id -> User,
        room_id -> Room,
        role -> Text,
        read_seq -> Seq,
        joined_at -> Millis,
        notify -> Text,
        counts -> Bool,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    events (room_id, seq) {
        room_id -> Room,
        seq -> Seq,
        at -> Millis,
        by_user -> User,
        kind -> Text,
        text -> Nullable<Text>,
        nonce -> Nullable<Text>,
        detail -> Nullable<Text>,
        target -> Nullable<Seq>,
        edited_at -> Nullable<Millis>,
        deleted_at -> Nullable<Millis>,
        pinned_at -> Nullable<Millis>,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    reactions (room_id, seq, emoji, user_id) {
        room_id -> Room,
        seq -> Seq,
        emoji -> Text,
        user_id -> User,
        event_seq -> Seq,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    mentions (user_id, room_id, seq) {
        user_id -> User,
        room_id -> Room,
        seq -> Seq,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    indexed (room_id) {
        room_id -> Room,
        seq -> Seq,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    nonces (by_user, nonce) {
        by_user -> User,
        nonce -> Text,
        room_id -> Room,
        seq -> Seq,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    nonces_until (room_id) {
        room_id -> Room,
        seq -> Seq,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    documents (id) {
        id -> BigInt,
        room_id -> Room,
        seq -> Seq,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    invites (user_id, room_id) {
        user_id -> User,
        room_id -> Room,
        by_user -> User,
        at -> Millis,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    sanctions (id) {
        id -> BigInt,
        kind -> Text,
        user_id -> Nullable<User>,
        room_id -> Nullable<Room>,
        name_key -> Nullable<Text>,
        address -> Nullable<Text>,
        until -> Nullable<Millis>,
        reason -> Nullable<Text>,
        at -> Millis,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    audit (id) {
        id -> BigInt,
        at -> Millis,
        by_name -> Text,
        action -> Text,
        target -> Text,
        room -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    invitation_codes (code_hash) {
        code_hash -> Binary,
        created_at -> Millis,
        expires_at -> Millis,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    files (id) {
        id -> Text,
        owner_id -> User,
        name -> Text,
        size -> BigInt,
        media_type -> Text,
        content -> Text,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        thumb -> Nullable<Text>,
        thumb_type -> Nullable<Text>,
        created_at -> Millis,
    }
}

table! {
    use diesel::sql_types::*;
    use super::columns::*;

    message_files (file_id, room_id, seq) {
        file_id -> Text,
        room_id -> Room,
        seq -> Seq,
    }
}

table! {
    discarded (content) {
        content -> Text,
    }
}

joinable!(message_files -> files (file_id));
joinable!(message_files -> rooms (room_id));
joinable!(events -> users (by_user));
joinable!(reactions -> users (user_id));
joinable!(logins -> users (user_id));
joinable!(members -> users (user_id));
joinable!(members -> rooms (room_id));
allow_tables_to_appear_in_same_query!(
    users,
    logins,
    rooms,
    members,
    events,
    invites,
    sanctions,
    reactions,
    mentions,
    documents,
    files,
    message_files
);
