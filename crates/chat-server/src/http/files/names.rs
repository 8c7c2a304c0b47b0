//! File names in headers, as browsers write and read them.

use axum::http::header;
use chat_proto::file_name;
use multer::Field;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Returns the file name of a form's part, or `None` if the part is not a file. `filename*` (RFC 8187) takes
/// precedence over `filename`, in which browsers write UTF-8 with `"` and line breaks as `%22` and so on (RFC 7578,
/// 4.2).
pub(super) fn name_of(field: &Field<'_>) -> Option<String> {
    let disposition = field.headers().get(header::CONTENT_DISPOSITION);
    let disposition =
        disposition.and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).unwrap_or_default();
    let extended = parameters(disposition).into_iter().find_map(|parameter| {
        let coded = parameter.trim().strip_prefix("filename*=")?.trim_matches('"');
        let is_utf8 = coded.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("utf-8''"));
        is_utf8.then(|| percent_decode_str(&coded[7..]).decode_utf8_lossy().into_owned())
    });
    let plain = || Some(field.file_name()?.replace("%22", "\"").replace("%0D", "").replace("%0A", ""));
    extended.or_else(plain)
}

/// Returns a header's parameters: the parts between semicolons outside quotation marks.
fn parameters(value: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let is_end = |c: char| {
        is_quoted ^= c == '"';
        c == ';' && !is_quoted
    };
    value.split(is_end).collect()
}

/// Returns a `Content-Disposition`, with the file's name in the old and the new form (RFC 6266, 4.3).
pub(super) fn disposition(name: &str, is_shown: bool) -> String {
    let how = if is_shown { "inline" } else { "attachment" };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let plain: String = file_name(name).chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}
