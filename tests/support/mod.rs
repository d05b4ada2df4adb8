//! What several integration tests share.

pub mod model_server;
