//! How a member is shown in a list.

use chat_proto::room::Member;
use chat_proto::user::Role;

use chat_screen::clean::Clean;

/// Returns the line that shows a member, with the role and mute.
pub(super) fn line(member: &Member) -> Clean {
    let mut words = Vec::new();
    if member.admin {
        words.push("admin");
    }
    match &member.role {
        Role::Owner => words.push("owner"),
        Role::Moderator => words.push("moderator"),
        Role::Other(role) => words.push(role.as_str()),
        Role::Admin | Role::Member | Role::Guest => {}
    }
    if member.muted {
        words.push("muted");
    }
    let sign = if member.online { "●" } else { "○" };
    let more = if words.is_empty() { String::new() } else { format!("  {}", words.join(", ")) };
    Clean::line(&format!("{sign} {}{more}", member.user.name))
}
