//! A server that answers as a test says.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

/// A server that answers each frame with these, on one connection after the other; answers its address.
pub(crate) async fn scripted(mut answer: impl FnMut(&Value) -> Vec<String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { continue };
            while let Some(Ok(message)) = socket.next().await {
                let Message::Text(text) = message else { continue };
                for frame in answer(&serde_json::from_str(&text).unwrap()) {
                    if socket.send(Message::text(frame)).await.is_err() {
                        break;
                    }
                }
            }
        }
    });
    format!("http://{address}")
}
