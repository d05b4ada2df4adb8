//! The tools of this program without a brain: for backends elsewhere that may use them.

use super::bell::Bell;
use super::desk::StoreDesk;
use crate::core::backend::{Offer, ToolCall};
use crate::core::words::Lang;
use crate::mind;
use crate::mind::tools::{Clock, Toolbox};
use crate::store::Archive;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};

/// Tools, and the bell of their timers, which rings as long as this lives.
pub struct Workshop {
    toolbox: Toolbox,
    _open: watch::Sender<()>,
}

impl Workshop {
    /// Must be called within a runtime. `rings` hears what timers are called that are due.
    pub fn start(
        store: impl Into<Archive>,
        clock: Clock,
        seed: u64,
        lang: Lang,
        rings: mpsc::Sender<String>,
    ) -> Self {
        let store = store.into();
        let bell = Bell::new(true);
        let (open, closing) = watch::channel(());
        tokio::spawn(bell.ringing(store.clone(), Arc::clone(&clock), closing));
        let mut heard = bell.listen();
        tokio::spawn(async move {
            // It ends with the bell, whose task ends with the workshop.
            loop {
                match heard.recv().await {
                    Ok(ring) if rings.send(ring.tell(lang)).await.is_err() => return,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        });
        let timers = Arc::clone(&bell.look);
        let desk = StoreDesk { store, timers };
        Self {
            toolbox: Toolbox::new(Arc::new(desk), clock, seed),
            _open: open,
        }
    }

    /// The tools that there are.
    pub fn offers(&self) -> Vec<Offer> {
        let specs = self.toolbox.specs().into_iter();
        let offer = |spec: mind::ToolSpec| Offer {
            name: spec.name.clone(),
            description: spec.description.clone(),
            parameters: spec.parameters,
        };
        specs.map(offer).collect()
    }

    /// Uses a tool.
    pub async fn call(&self, call: &ToolCall) -> Result<String, String> {
        let call = mind::Call {
            id: call.id.clone(),
            name: call.name.clone(),
            arguments: call.arguments.clone(),
        };
        self.toolbox.call(&call).await
    }
}
