//! Each cause is distinguished from the others and has its own sentence.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderValue, StatusCode};
use rustls::CertificateError;

use super::*;

fn of(status: u16, header: Option<(&'static str, &'static str)>, body: &str) -> Cause {
    let mut headers = HeaderMap::new();
    if let Some((name, value)) = header {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Cause::of_upgrade(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
}

#[test]
fn what_answers_over_http_is_told_apart() {
    let moved = |to: &str| Cause::Moved { to: Some(to.to_owned()) };
    for status in [301, 302, 303, 307, 308] {
        let to = Some(("location", "https://chat.example.org/ws"));
        assert_eq!(of(status, to, "<html>"), moved("https://chat.example.org"));
    }
    assert_eq!(of(308, Some(("location", "/elsewhere")), ""), moved("/elsewhere"));
    assert_eq!(of(301, None, ""), Cause::Moved { to: None });
    assert_eq!(of(421, None, "Misdirected"), Cause::Misdirected);
    let said = r#"{"code":"misdirected","message":"Use --public-url."}"#;
    let Cause::Refused(failure) = of(421, None, said) else { panic!("the server knows best") };
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("misdirected", "Use --public-url."));
    assert_eq!((of(502, None, "<html>"), of(504, None, "")), (Cause::Gateway(502), Cause::Gateway(504)));
    assert_eq!((of(503, None, ""), of(413, None, "")), (Cause::Gateway(503), Cause::TooLarge));
    assert_eq!((of(404, None, ""), of(200, None, "hi")), (Cause::NoChatServer, Cause::NoChatServer));
    let plain = "<title>400 The plain HTTP request was sent to HTTPS port</title>";
    assert_eq!((of(400, None, plain), of(500, None, "")), (Cause::NeedsTls, Cause::Status(500)));
    let wait = |seconds| Cause::TooMany { retry_after: Some(Duration::from_secs(seconds)) };
    assert_eq!(of(429, Some(("retry-after", "7")), ""), wait(7));
    assert_eq!(of(429, Some(("retry-after", "99999999")), ""), wait(300));
    assert_eq!(of(429, Some(("retry-after", "soon")), ""), Cause::TooMany { retry_after: None });
}

#[test]
fn what_a_certificate_is_refused_for_is_told_apart() {
    for (refused, told) in [
        (CertificateError::Expired, Certificate::Expired),
        (CertificateError::NotValidYet, Certificate::NotYetValid),
        (CertificateError::UnknownIssuer, Certificate::UnknownIssuer),
        (CertificateError::NotValidForName, Certificate::WrongName),
        (CertificateError::BadSignature, Certificate::Other),
    ] {
        let tls = rustls::Error::InvalidCertificate(refused);
        assert_eq!(Cause::from(tls.clone()), Cause::Certificate(told));
        // Wrapped as the libraries above do it.
        assert_eq!(Cause::from(std::io::Error::other(tls)), Cause::Certificate(told));
    }
}

#[test]
fn no_two_causes_share_a_sentence_and_none_is_a_librarys() {
    let certificates = [
        Certificate::Expired,
        Certificate::NotYetValid,
        Certificate::UnknownIssuer,
        Certificate::WrongName,
        Certificate::Other,
    ];
    let mut causes: Vec<Cause> = certificates.into_iter().map(Cause::Certificate).collect();
    causes.extend([
        Cause::NoSuchHost,
        Cause::NothingListens,
        Cause::NoRoute,
        Cause::TimedOut,
        Cause::Broken,
        Cause::NotTls,
        Cause::NeedsTls,
        Cause::NotHttp,
        Cause::NoChatServer,
        Cause::Misdirected,
        Cause::Moved { to: None },
        Cause::Gateway(502),
        Cause::Gateway(503),
        Cause::TooLarge,
        Cause::TooMany { retry_after: None },
        Cause::Status(500),
    ]);
    let sentences: BTreeSet<String> = causes.iter().map(ToString::to_string).collect();
    assert_eq!(sentences.len(), causes.len());
    for sentence in sentences {
        assert!(!sentence.contains("error") && !sentence.contains("WebSocket"), "{sentence}");
    }
}
