//! The tables, as Diesel knows them, written by hand after `migrations/`. They are the same in every kind of database.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

table! {
    lineage (log, room_id) {
        log -> Text,
        room_id -> BigInt,
        head -> BigInt,
        number -> BigInt,
    }
}

table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        name_key -> Nullable<Text>,
        kind -> Text,
        role -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
        password -> Nullable<Text>,
        erased -> Bool,
    }
}

table! {
    logins (token_hash) {
        token_hash -> Binary,
        user_id -> BigInt,
        client -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
    }
}

table! {
    rooms (id) {
        id -> BigInt,
        name -> Text,
        kind -> Text,
        topic -> Text,
        created_by -> Nullable<BigInt>,
        created_at -> BigInt,
        start -> BigInt,
        unused_since -> Nullable<BigInt>,
    }
}

table! {
    removed_rooms (above) {
        above -> BigInt,
    }
}

table! {
    members (user_id, room_id) {
        user_id -> BigInt,
        room_id -> BigInt,
        role -> Text,
        read_seq -> BigInt,
        joined_at -> BigInt,
        notify -> Text,
        counts -> Bool,
    }
}

table! {
    events (room_id, seq) {
        room_id -> BigInt,
        seq -> BigInt,
        at -> BigInt,
        by_user -> BigInt,
        kind -> Text,
        text -> Nullable<Text>,
        nonce -> Nullable<Text>,
        detail -> Nullable<Text>,
        target -> Nullable<BigInt>,
        edited_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        pinned_at -> Nullable<BigInt>,
    }
}

table! {
    reactions (room_id, seq, emoji, user_id) {
        room_id -> BigInt,
        seq -> BigInt,
        emoji -> Text,
        user_id -> BigInt,
        event_seq -> BigInt,
    }
}

table! {
    mentions (user_id, room_id, seq) {
        user_id -> BigInt,
        room_id -> BigInt,
        seq -> BigInt,
    }
}

table! {
    indexed (room_id) {
        room_id -> BigInt,
        seq -> BigInt,
    }
}

table! {
    nonces (by_user, nonce) {
        by_user -> BigInt,
        nonce -> Text,
        room_id -> BigInt,
        seq -> BigInt,
    }
}

table! {
    nonces_until (room_id) {
        room_id -> BigInt,
        seq -> BigInt,
    }
}

table! {
    documents (id) {
        id -> BigInt,
        room_id -> BigInt,
        seq -> BigInt,
    }
}

table! {
    invites (user_id, room_id) {
        user_id -> BigInt,
        room_id -> BigInt,
        by_user -> BigInt,
        at -> BigInt,
    }
}

table! {
    sanctions (id) {
        id -> BigInt,
        kind -> Text,
        user_id -> Nullable<BigInt>,
        room_id -> Nullable<BigInt>,
        name_key -> Nullable<Text>,
        address -> Nullable<Text>,
        until -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        at -> BigInt,
    }
}

table! {
    audit (id) {
        id -> BigInt,
        at -> BigInt,
        by_name -> Text,
        action -> Text,
        target -> Text,
        room -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

table! {
    invitation_codes (code_hash) {
        code_hash -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    files (id) {
        id -> Text,
        owner_id -> BigInt,
        name -> Text,
        size -> BigInt,
        media_type -> Text,
        content -> Text,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        thumb -> Nullable<Text>,
        thumb_type -> Nullable<Text>,
        created_at -> BigInt,
    }
}

table! {
    message_files (file_id, room_id, seq) {
        file_id -> Text,
        room_id -> BigInt,
        seq -> BigInt,
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
