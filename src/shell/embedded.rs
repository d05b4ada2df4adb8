//! temp
pub struct Backend;
impl Backend { pub fn connect(&self) -> tokio::io::DuplexStream { tokio::io::duplex(64).0 } }
pub fn backend(_: &crate::config::Loaded, _: &crate::store::Handle) -> anyhow::Result<Backend> { Ok(Backend) }
