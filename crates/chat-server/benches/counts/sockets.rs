//! Send queues into real sockets.

use std::sync::Arc;

use chat_server::send_queue::SendQueue;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};

/// Queues that write into sockets, and what keeps these open. Nobody reads at the other ends: the kernel's buffers
/// hold everything that the cases write.
pub(crate) struct Sockets {
    /// The queues. They hold nothing back.
    pub(crate) queues: Vec<Arc<SendQueue>>,
    _ends: Vec<(OwnedReadHalf, TcpStream)>,
}

impl Sockets {
    /// Connects `count` sockets on loopback.
    pub(crate) async fn open(count: usize) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (mut queues, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let there = TcpStream::connect(address).await?;
            let (here, _) = listener.accept().await?;
            here.writable().await?;
            let (read, write) = here.into_split();
            let queue = SendQueue::new(write);
            queue.release();
            queues.push(Arc::new(queue));
            ends.push((read, there));
        }
        Ok(Self { queues, _ends: ends })
    }
}
