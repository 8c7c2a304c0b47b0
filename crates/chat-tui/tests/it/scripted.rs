//! A server that answers as a test says.

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

/// Starts a server that answers each frame on any of its connections with these frames, and returns its URL.
pub(crate) async fn scripted(answer: impl FnMut(&Value) -> Vec<String> + Send + 'static) -> String {
    scripted_with_http(String::new(), answer).await
}

/// Like [`scripted`]; it also answers every HTTP POST with these bytes.
pub(crate) async fn scripted_with_http(
    http: String,
    answer: impl FnMut(&Value) -> Vec<String> + Send + 'static,
) -> String {
    let answer = Arc::new(Mutex::new(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut first = [0; 4];
            let _ = stream.peek(&mut first).await;
            if &first == b"POST" {
                let http = http.clone();
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    let _ = stream.write_all(http.as_bytes()).await;
                    // Read to the end: closing with unread input would discard the answer.
                    let _ = stream.shutdown().await;
                    while matches!(stream.read(&mut request).await, Ok(1..)) {}
                });
                continue;
            }
            let answer = answer.clone();
            tokio::spawn(async move {
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
                while let Some(Ok(message)) = socket.next().await {
                    let Message::Text(text) = message else { continue };
                    let frames = answer.lock().unwrap()(&serde_json::from_str(&text).unwrap());
                    for frame in frames {
                        if socket.send(Message::text(frame)).await.is_err() {
                            break;
                        }
                    }
                }
            });
        }
    });
    format!("http://{address}")
}
