//! Strangers' texts and names are shown, but never interpreted, and get in nobody's way.

use serde_json::json;
use testbed::Server;

use crate::support::{Person, browse, page as page_of, writes};

/// Records everything that a script or the browser's policy reports.
const LISTEN: &str = "window.heard = []; window.alert = () => window.heard.push('alert'); \
    for (const type of ['securitypolicyviolation', 'error', 'unhandledrejection']) \
    addEventListener(type, (event) => window.heard.push(`${type} ${event.message ?? event.violatedDirective}`), true)";

#[tokio::test]
async fn xss_01_xss_02_xss_08_strangers_markup_is_shown_and_never_obeyed() {
    // The texts, and how they appear.
    let written = [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("<script>document.title='owned'</script>", "<script>document.title='owned'</script>"),
        ("a <svg onload=alert(1)> b", "a <svg onload=alert(1)> b"),
        (
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        ),
        ("<details open ontoggle=alert(1)>", "<details open ontoggle=alert(1)>"),
        ("javascript:alert(1) [x](javascript:alert(2))", "javascript:alert(1) x (javascript:alert(2))"),
        ("[tab](java\tscript:alert(1))", "[tab](java\tscript:alert(1))"),
        ("[entity](&#106;avascript:alert(1))", "entity (javascript:alert(1))"),
        (
            "[data](data:text/html,<script>alert(1)</script>)",
            "data (data:text/html,<script>alert(1)</script>)",
        ),
        ("[case](JaVaScRiPt:alert(1)) [vb](vbscript:x)", "case (JaVaScRiPt:alert(1)) vb (vbscript:x)"),
        ("[blob](blob:x)", "blob (blob:x)"),
        ("![pixel](https://evil.example/t.png)", "pixel"),
        ("</div></li></ol><h1>big</h1>", "</div></li></ol><h1>big</h1>"),
        ("\u{202e}txt.exe {{7*7}} ${7}", "\u{202e}txt.exe {{7*7}} ${7}"),
    ];
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.value(LISTEN).await;
        writes(&server, "mallory", written.map(|(text, _)| text.to_owned())).await;
        for (_, seen) in written {
            page.sees(seen).await;
        }
        writes(&server, "eve", ["see https://example.org/a?b=c#d.".to_owned()]).await;
        page.sees("see https://example.org/a?b=c#d.").await;
        let links = "return [...document.querySelectorAll('#messages a[href]')].map((a) => [a.href, a.rel])";
        let rel = "noopener noreferrer nofollow ugc";
        assert_eq!(page.value(links).await, json!([["https://evil.example/t.png", rel], ["https://example.org/a?b=c#d", rel]]));
        let made = "return document.querySelectorAll('#messages :is(img, script, svg, iframe, details, h1, style)').length";
        assert_eq!(page.value(made).await, 0);
        let acting = "return [...document.querySelectorAll('#messages *')].flatMap((node) => node.getAttributeNames()).filter((name) => name.startsWith('on') || name === 'style').length";
        assert_eq!(page.value(acting).await, 0);
        let hosts = "return [...new Set(performance.getEntriesByType('resource').map((r) => new URL(r.name).host))]";
        assert_eq!(page.value(hosts).await, json!([server.address.to_string()]), "nothing from other hosts");
        assert_eq!(page.value("return window.heard").await, json!([]), "nothing was even tried");
        assert_ne!(page.value("return document.title").await, "owned");
    })
    .await;
}

#[tokio::test]
async fn xss_01_the_browser_lets_nothing_make_markup_but_the_one_policy() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        let tries = "const tried = []; \
            try { document.createElement('div').innerHTML = '<b>x</b>'; tried.push('markup'); } catch { tried.push('refused'); } \
            try { trustedTypes.createPolicy('other', {}); tried.push('policy'); } catch { tried.push('refused'); } \
            try { trustedTypes.createPolicy('chat', {}); tried.push('policy again'); } catch { tried.push('refused'); } \
            return tried";
        assert_eq!(page.value(tries).await, json!(["refused", "refused", "refused"]));
    })
    .await;
}

#[tokio::test]
async fn xss_05_markup_that_the_server_would_never_make_is_not_taken_from_it_either() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.value(LISTEN).await;
        let markup = json!([
            "<p>fine <a href=\"https://example.org/\" rel=\"x\" target=\"_blank\">site</a></p>",
            "<p><img src=x onerror=alert(1)></p>",
            "<p onclick=alert(1)>x</p>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" javascript:alert(1)\">x</a>",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<svg><a><set attributeName=href to=javascript:alert(1)>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<p style=\"position:fixed\">x</p>",
            "<template><script>alert(1)</script></template>",
        ]);
        let asks = format!("window.taken = null; import('/chat/views/formatted.js').then(({{ formatted }}) => (window.taken = {markup}.map((html) => formatted(html, 'alice') !== null))); return null");
        page.value(&asks).await;
        page.until("it was looked at", "return window.taken !== null").await;
        let mut expected = vec![false; 10];
        expected[0] = true;
        assert_eq!(page.value("return window.taken").await, json!(expected));
        // The policy also refuses event attributes. Nothing ran, and nothing was requested.
        assert_eq!(page.value("return window.heard.filter((what) => !what.endsWith('-attr'))").await, json!([]));
        let asked = "return performance.getEntriesByType('resource').some((r) => ['/x', '/1'].some((end) => r.name.endsWith(end)))";
        assert_eq!(page.value(asked).await, false);
    })
    .await;
}

#[tokio::test]
async fn xss_06_words_of_the_language_as_names_do_no_harm() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.value(LISTEN).await;
        for name in ["constructor", "tostring", "hasownproperty", "valueof"] {
            writes(
                &server,
                name,
                ["__proto__".to_owned(), format!("{name} @alice :constructor: :__proto__:")],
            )
            .await;
            page.sees(&format!("{name} @alice :constructor: :proto:")).await;
        }
        for room in ["__proto__", "constructor", "valueof"] {
            page.says(&format!("/create {room} toString")).await;
            page.until(
                "it is shown",
                &format!("return document.getElementById('room-name').textContent === '#{room}'"),
            )
            .await;
            page.says("__proto__").await;
            page.sees("proto").await;
        }
        page.says("/constructor").await;
        page.until(
            "there is no such command",
            "return document.getElementById('composer-note').textContent.includes('no command /constructor')",
        )
        .await;
        page.value("document.getElementById('composer-text').value = ''").await;
        // After a break the messages are the same: cursors and the outbox know them.
        let server = Server::after(server).await;
        page.until("it is back", "return !document.getElementById('banner').classList.contains('shown')")
            .await;
        page.says("constructor").await;
        page.sees("constructor").await;
        page.value("document.querySelector('[data-room=__proto__]').click()").await;
        page.until("it is shown", "return document.getElementById('room-name').textContent === '#__proto__'")
            .await;
        page.says("still here").await;
        page.sees("still here").await;
        assert_eq!(
            page.value("return Object.keys(Object.prototype).length + Object.keys({}.constructor).length")
                .await,
            0
        );
        assert_eq!(page.value("return window.heard").await, json!([]));
        drop(server);
    })
    .await;
}

#[tokio::test]
async fn xss_13_no_text_leaves_its_own_box() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        let wide = "W".repeat(4000);
        let marks = format!("Z{}", "\u{0301}\u{0316}".repeat(500));
        writes(&server, "mallory", [wide.clone(), format!("a{}b", "\\\n".repeat(200)), marks.clone(), "👩‍👩‍👧‍👦".repeat(50)]).await;
        writes(&server, "bob", ["unharmed".to_owned()]).await;
        page.sees("unharmed").await;
        page.sees(&wide).await;
        page.sees(&marks).await;
        let within = "const t = document.getElementById('timeline'); return [t.scrollWidth <= t.clientWidth, document.documentElement.scrollWidth <= innerWidth]";
        assert_eq!(page.value(within).await, json!([true, true]));
        let clipped = "return [...document.querySelectorAll('#messages .text')].every((node) => getComputedStyle(node).overflowY === 'clip' || getComputedStyle(node).overflowY === 'hidden')";
        assert_eq!(page.value(clipped).await, true);
        let heights = "return Math.max(...[...document.querySelectorAll('#messages .message')].map((node) => node.offsetHeight)) < 2 * innerHeight";
        assert_eq!(page.value(heights).await, true, "many lines are folded");
        let apart = "const boxes = [...document.querySelectorAll('#messages .message')].map((node) => node.getBoundingClientRect()); return boxes.every((box, at) => at === 0 || box.top >= boxes[at - 1].bottom - 1)";
        assert_eq!(page.value(apart).await, true);
        let name = "const n = [...document.querySelectorAll('#messages .name')].at(-1); const r = n.getBoundingClientRect(); return document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2) === n && n.textContent";
        assert_eq!(page.value(name).await, "bob", "the neighbour's name lies open");
        let unfold = "const before = document.querySelectorAll('.folded').length; document.querySelector('.unfold').click(); return before - document.querySelectorAll('.folded').length";
        assert_eq!(page.value(unfold).await, 1);
    })
    .await;
}

#[tokio::test]
async fn xss_14_what_the_server_tells_looks_like_no_message() {
    let server = Server::start().await;
    browse(async |page| {
        page.enters(&page_of(&server, false), "alice").await;
        page.says("/create den").await;
        page.until("it is shown", "return document.getElementById('room-name').textContent === '#den'").await;
        page.says("/topic bob was banned").await;
        page.until("it is told", "return document.querySelector('.told')?.textContent === 'alice set the topic: bob was banned'").await;
        page.says("alice set the topic: bob was banned").await;
        page.sees("alice set the topic: bob was banned").await;
        page.says("✱ bob joined").await;
        page.sees("✱ bob joined").await;
        let looks = "const sign = getComputedStyle(document.querySelector('.told'), '::before').content; \
            const ground = (node) => getComputedStyle(node).backgroundColor; \
            const told = ground(document.querySelector('.told')); \
            return [sign, [...document.querySelectorAll('.message')].every((li) => ground(li) !== told && !li.classList.contains('told'))]";
        assert_eq!(page.value(looks).await, json!(["\"✱\"", true]));
    })
    .await;
}
