//! Questions to the server.

use chat_proto::command::{
    Audit, Create, Direct, History, InRoom, Join, ListRooms, Members, Read, Search, SetTopic,
};
use chat_proto::{Command, Seq, limits};

/// A question, as the answer will want to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Enter a room, and show it if `show`.
    Join {
        /// Which.
        room: String,
        /// Whether the person asked for it.
        show: bool,
    },
    /// Make a room and show it.
    Create {
        /// Its name.
        room: String,
        /// Its first topic.
        topic: String,
    },
    /// Leave a room.
    Leave(String),
    /// Set a topic.
    Topic(String, String),
    /// Load the messages before a seq.
    Older(String, Seq),
    /// Who is in a room: for the person to read.
    Who(String),
    /// Whether the other user of a direct room is online.
    Presence(String),
    /// Which rooms there are; for the person to read if `show`.
    Rooms {
        /// Whether the person asked for it.
        show: bool,
    },
    /// The same for the rooms whose names come after that one.
    MoreRooms {
        /// Whether the person asked for it.
        show: bool,
        /// The last room of the page before.
        after: String,
    },
    /// Set the read mark.
    Read(String, Seq),
    /// Make a room by invitation and show it.
    Private {
        /// Its name.
        room: String,
        /// Its first topic.
        topic: String,
    },
    /// Open the room with someone alone, show it, and write this there.
    Direct {
        /// With whom.
        user: String,
        /// What to write, if anything.
        text: String,
    },
    /// Find messages.
    Search(String),
    /// Load what is around a message, and show it.
    Around(String, Seq),
    /// Moderation log, for the person to read.
    Audit,
    /// Where one is logged in, for the person to read.
    Sessions,
    /// Something that is done once it is answered.
    Do(Command),
}

impl Ask {
    /// The command that asks it.
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
