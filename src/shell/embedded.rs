//! temp
pub(super) struct Backend;
impl Backend {
    pub(super) fn connect(&self) -> tokio::io::DuplexStream {
        tokio::io::duplex(64).0
    }
}
pub(super) fn backend(
    _: &crate::config::Loaded,
    _: &crate::store::Handle,
) -> anyhow::Result<Backend> {
    Ok(Backend)
}
