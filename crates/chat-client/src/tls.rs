//! TLS below the WebSocket, with the certificates that the system trusts, as requests over HTTP use them too.

use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::cause::Cause;

/// Installs the cryptography of the whole program, if nobody else has.
pub(crate) fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Speaks TLS with `host` over a connection.
///
/// # Errors
/// Why the certificate is refused, or what else went wrong.
pub(crate) async fn connect<S>(host: &str, stream: S) -> Result<TlsStream<S>, Cause>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Cause::NoSuchHost)?;
    Ok(TlsConnector::from(config()?).connect(name, stream).await?)
}

fn config() -> Result<Arc<ClientConfig>, Cause> {
    static CONFIG: OnceLock<Result<Arc<ClientConfig>, rustls::Error>> = OnceLock::new();
    let made = CONFIG.get_or_init(|| {
        install_crypto();
        ClientConfig::with_platform_verifier().map(Arc::new)
    });
    made.clone().map_err(Cause::from)
}
