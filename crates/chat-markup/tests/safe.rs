//! Strangers' text: the HTML passes through ammonia unchanged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{HashMap, HashSet};

use chat_markup::to_html;

fn oracle(html: &str) -> String {
    ammonia::Builder::default()
        .tags(HashSet::from([
            "p",
            "br",
            "code",
            "em",
            "strong",
            "del",
            "a",
            "h4",
            "blockquote",
            "ol",
            "ul",
            "li",
            "pre",
            "hr",
            "span",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "target"])),
            ("ol", HashSet::from(["start"])),
            ("code", HashSet::from(["class"])),
            ("span", HashSet::from(["class"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow ugc"))
        .clean(html)
        .to_string()
}

/// Returns the document in a normal form, independent of the order of attributes and the spelling of entities.
fn normal(html: &str) -> String {
    html.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace(" target=\"_blank\"", "")
        .replace(" rel=\"noopener noreferrer nofollow ugc\"", "")
}

#[track_caller]
fn is_safe(text: &str) {
    let html = to_html(text, &["bob".to_owned()]);
    let clean = oracle(&html);
    assert_eq!(normal(&html), normal(&clean), "{text:?}");
    assert!(html.len() <= text.len() * 16 + 1024, "{} bytes of {}", html.len(), text.len());
}

#[test]
fn xss_01_xss_05_xss_07_markup_is_shown_as_text() {
    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<iframe srcdoc='<script>'></iframe>",
        "<details open ontoggle=alert(1)>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<svg><a><set attributeName=href to=javascript:alert(1)>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<annotation-xml encoding=text/html>",
        "{{7*7}} ${7*7} </title> ]]> <!--",
        "<!-- --!> <p id=body name=__proto__>",
        "&lt;b&gt; &#106;avascript:",
    ] {
        is_safe(text);
        let html = to_html(text, &[]);
        for tag in [
            "<script",
            "<img",
            "<svg",
            "<iframe",
            "<details",
            "<math",
            "<style",
            "<!--",
            "<noscript",
            "<p id",
        ] {
            assert!(!html.contains(tag), "{tag} of {text}: {html}");
        }
    }
}

#[test]
fn xss_02_xss_03_xss_04_xss_08_xss_10_links() {
    for text in [
        "[x](javascript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "<javascript:alert(1)>",
        "[x](data:text/html;base64,PHN2Zz4=)",
        "[x](//evil.example) www.evil.example https:evil.example",
        "[x](https://a.example/\"onmouseover=\"alert(1))",
        "[x](<https://a.example/' onclick=alert(1)>)",
        "![](https://evil.example/t.png \"onerror=alert(1)\")",
        "[![a](https://a.example/i.png)](https://b.example)",
        "https://a.example/<script>",
        "```\"onclick=x\ncode\n```",
        "[a]: javascript:alert(1)\n[a]",
    ] {
        is_safe(text);
        let html = to_html(text, &[]);
        assert!(
            !html.contains("href=\"javascript")
                && !html.contains("<img")
                && !html.contains("\" onclick=")
                && !html.contains("' onclick="),
            "{html}"
        );
    }
    let link = to_html("[x](https://a.example/?b=1&c=2)", &[]);
    assert_eq!(
        link,
        "<p><a href=\"https://a.example/?b=1&amp;c=2\" rel=\"noopener noreferrer nofollow ugc\" target=\"_blank\">x</a></p>"
    );
}

#[test]
fn xss_12_amplifiers_stay_small() {
    let rows = "|a|b|c|d|e|f|\n";
    for text in [
        format!("{rows}|-|-|-|-|-|-|\n{}", "|".repeat(3900)),
        ">".repeat(4096),
        "> ".repeat(2048),
        "[a]".repeat(1300),
        "*".repeat(4096),
        "*a".repeat(2048),
        "`".repeat(4096),
        "- ".repeat(2048),
        "1. ".repeat(1300),
        "&".repeat(4096),
        "\n\n".repeat(2048),
        "<".repeat(4096),
        "@bob ".repeat(800),
        "#a ".repeat(1300),
        "http://a.b ".repeat(370),
        "[[[[[[[[[[](a)".repeat(290),
    ] {
        is_safe(&text);
    }
}

#[test]
fn mentions_are_marked_where_they_are_and_nowhere_else() {
    let mentions = ["bob".to_owned()];
    assert_eq!(
        to_html("@Bob, see @bobby", &mentions),
        "<p><span class=\"mention\">@Bob</span>, see @bobby</p>"
    );
    assert_eq!(
        to_html("in #dev, not a#b or C# or # x", &[]),
        "<p>in <span class=\"room\">#dev</span>, not a#b or C# or # x</p>"
    );
    assert_eq!(to_html("`@bob` @", &mentions), "<p><code>@bob</code> @</p>");
}
