//! TLS for the WebSocket. It trusts the system's certificates, as HTTP requests do.

use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::cause::Cause;

/// Installs the cryptography provider of the whole program, if none is installed yet.
pub(crate) fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Starts TLS with `host` over a connection.
///
/// # Errors
/// Why the certificate is rejected, or what else went wrong.
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
