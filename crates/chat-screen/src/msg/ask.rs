//! Questions to the server: commands whose replies the core handles.

use chat_proto::command::{
    Audit, Create, Direct, History, InRoom, Join, ListRooms, Members, Read, Search, SetTopic,
};
use chat_proto::{Command, Seq, limits};

/// A question, with what handling its reply needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Join a room, and show it if `show`.
    Join {
        /// The room's name.
        room: String,
        /// Whether the person asked for it.
        show: bool,
    },
    /// Create a public room and show it.
    Create {
        /// The room's name.
        room: String,
        /// The first topic.
        topic: String,
    },
    /// Leave a room.
    Leave(String),
    /// Set a topic.
    Topic(String, String),
    /// Load the messages before a seq.
    Older(String, Seq),
    /// List the members of a room for the person.
    Who(String),
    /// Ask whether the other user of a direct room is online.
    Presence(String),
    /// List the rooms, for the person if `show`.
    Rooms {
        /// Whether the person asked for it.
        show: bool,
    },
    /// List the rooms whose names come after `after`.
    MoreRooms {
        /// Whether the person asked for it.
        show: bool,
        /// The last room of the previous page.
        after: String,
    },
    /// Set the read mark.
    Read(String, Seq),
    /// Create a private room and show it.
    Private {
        /// The room's name.
        room: String,
        /// The first topic.
        topic: String,
    },
    /// Open the direct room with a user, show it, and write `text` there.
    Direct {
        /// The user's name.
        user: String,
        /// What to write. It may be empty.
        text: String,
    },
    /// Search for messages.
    Search(String),
    /// Load the messages around one, and show it.
    Around(String, Seq),
    /// Read the moderation log for the person.
    Audit,
    /// List the user's logins for the person.
    Sessions,
    /// Carry out a command whose reply only confirms it.
    Do(Command),
}

impl Ask {
    /// Returns the command of this question.
    #[must_use]
    pub fn command(&self) -> Command {
        match self.clone() {
            Self::Join { room, .. } => Command::Join(Join { room, after: None, limit: None }),
            Self::Create { room, topic } => Command::Create(Create { room, kind: None, topic: Some(topic) }),
            Self::Leave(room) => Command::Leave(InRoom { room }),
            Self::Topic(room, topic) => Command::Topic(SetTopic { room, topic }),
            Self::Older(room, before) => Command::History(History {
                room,
                before: Some(before),
                limit: Some(limits::PAGE as u64),
                ..History::default()
            }),
            Self::Who(room) => {
                Command::Members(Members { room, prefix: None, limit: Some(limits::PAGE as u64) })
            }
            Self::Presence(room) => Command::Members(Members { room, prefix: None, limit: None }),
            Self::Rooms { .. } => Command::Rooms(ListRooms::default()),
            Self::MoreRooms { after, .. } => Command::Rooms(ListRooms { after: Some(after) }),
            Self::Read(room, seq) => Command::Read(Read { room, seq }),
            Self::Private { room, topic } => {
                Command::Create(Create { room, kind: Some("private".to_owned()), topic: Some(topic) })
            }
            Self::Direct { user, .. } => Command::Direct(Direct { user }),
            Self::Search(query) => Command::Search(Search { query, limit: Some(100), ..Search::default() }),
            Self::Around(room, seq) => {
                Command::History(History { room, around: Some(seq), limit: Some(100), ..History::default() })
            }
            Self::Audit => Command::Audit(Audit::default()),
            Self::Sessions => Command::Sessions {},
            Self::Do(command) => command,
        }
    }
}
