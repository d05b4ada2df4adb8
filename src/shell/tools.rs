//! Uses tools of ours for a backend elsewhere, one after another, and rings their timers.

use crate::core::backend::ToolCall;
use crate::core::msg::Msg;
use crate::serve::Workshop;
use tokio::sync::mpsc;

/// So many uses may wait: more than any answer needs, and fewer than a flood brings.
const WAITING: usize = 64;

/// The program's end of a workshop. Without one nothing comes of anything.
#[derive(Default)]
pub struct Tools(Option<Ends>);

struct Ends {
    calls: mpsc::Sender<ToolCall>,
    told: mpsc::UnboundedReceiver<Msg>,
    tell: mpsc::UnboundedSender<Msg>,
}

impl Tools {
    /// Uses the tools of this workshop; `rings` are its timers. Must be called within a runtime.
    pub fn of(workshop: Workshop, mut rings: mpsc::Receiver<String>) -> Self {
        let (calls, mut inbox) = mpsc::channel::<ToolCall>(WAITING);
        let (tell, told) = mpsc::unbounded_channel();
        let answers = tell.clone();
        // It ends, and its workshop with it, when the program lets go of the other end.
        tokio::spawn(async move {
            while let Some(call) = inbox.recv().await {
                let outcome = workshop.call(&call).await;
                if answers.send(Msg::Used { call, outcome }).is_err() {
                    return;
                }
            }
        });
        let bell = tell.clone();
        tokio::spawn(async move {
            while let Some(label) = rings.recv().await {
                if bell.send(Msg::Ring(label)).is_err() {
                    return;
                }
            }
        });
        Self(Some(Ends { calls, told, tell }))
    }

    /// Uses a tool. What comes of it is told by [`Tools::next`].
    pub fn run(&self, call: ToolCall) {
        let Some(ends) = &self.0 else {
            return;
        };
        if let Err(error) = ends.calls.try_send(call) {
            let (mpsc::error::TrySendError::Full(call) | mpsc::error::TrySendError::Closed(call)) =
                error;
            let outcome = Err("too many tools are in use at once".to_owned());
            // We hold the other end.
            let _ = ends.tell.send(Msg::Used { call, outcome });
        }
    }

    /// What comes next of any of it; waits for ever if nothing does. Cancel-safe.
    pub async fn next(&mut self) -> Msg {
        match &mut self.0 {
            Some(ends) => match ends.told.recv().await {
                Some(msg) => msg,
                None => std::future::pending().await,
            },
            None => std::future::pending().await,
        }
    }
}
