//! Encryption: whom we believe, and what it means when a handshake fails.

use super::connect::Failure;
use super::dial::unreachable;
use crate::core::line::{Cause, Distrust};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whose word counts for who a backend is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// A file of certificates in PEM that are believed as the system's own are.
    pub ca_file: Option<PathBuf>,
    /// Nobody's: any certificate will do, and anybody on the way can read and change everything.
    pub anybody: bool,
}

/// Prepares the encryption. Reads files, so it takes a while.
pub(super) async fn load(trust: Trust) -> Result<TlsConnector, Failure> {
    tokio::task::spawn_blocking(move || connector(&trust))
        .await
        .expect("reading certificates does not panic")
        .map_err(|why| Cause::Unusable { why }.into())
}

fn connector(trust: &Trust) -> Result<TlsConnector, String> {
    trust.config().map(TlsConnector::from)
}

impl Trust {
    /// The same trust for whatever else is encrypted. Reads files, so it takes a while.
    pub fn config(&self) -> Result<Arc<rustls::ClientConfig>, String> {
        config(self)
    }
}

fn config(trust: &Trust) -> Result<Arc<rustls::ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = if trust.anybody {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(algorithms)))
    } else {
        builder.with_root_certificates(roots(trust.ca_file.as_deref())?)
    };
    let config = config.with_no_client_auth();
    Ok(Arc::new(config))
}

/// The system's certificates, or the usual ones where it has none, and the user's own.
fn roots(ca_file: Option<&Path>) -> Result<rustls::RootCertStore, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(file) = ca_file {
        let name = file.display();
        let wrong = |why: &dyn std::fmt::Display| format!("`link.ca_file` (`{name}`): {why}");
        let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect)
            .map_err(|error| wrong(&error))?;
        if certificates.is_empty() {
            return Err(wrong(&"no certificate in it"));
        }
        for certificate in certificates {
            roots.add(certificate).map_err(|error| wrong(&error))?;
        }
    }
    Ok(roots)
}

/// Agrees on keys with `host` at the other end of the stream.
pub(super) async fn encrypt(
    tls: &TlsConnector,
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, Cause> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| Cause::Unusable {
        why: error.to_string(),
    })?;
    tls.connect(name, stream)
        .await
        .map_err(|error| distrusted(host, &error))
}

fn distrusted(host: &str, error: &io::Error) -> Cause {
    let ours = error.get_ref().and_then(|e| e.downcast_ref());
    let Some(ours) = ours else {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            let why = "it hung up instead of agreeing on encryption".to_owned();
            return Cause::Unreachable { why };
        }
        return unreachable(error);
    };
    let host = host.to_owned();
    let why = match ours {
        rustls::Error::InvalidCertificate(error) => certificate(error),
        rustls::Error::InvalidMessage(_) => Distrust::NoTls,
        rustls::Error::AlertReceived(alert) => Distrust::Alert(format!("{alert:?}")),
        error => Distrust::Other(error.to_string()),
    };
    Cause::Untrusted { host, why }
}

fn certificate(error: &CertificateError) -> Distrust {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Distrust::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Distrust::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Distrust::WrongName
        }
        // Somebody with the name of an authority, and not with its key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Distrust::UnknownIssuer,
        error => {
            // The one self-signed certificate that says it is an authority is refused as such.
            let text = error.to_string();
            if text.contains("CaUsedAsEndEntity") {
                Distrust::UnknownIssuer
            } else {
                Distrust::Other(text)
            }
        }
    }
}

/// Believes every certificate, but not every signature: the connection is with whoever shows it.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
