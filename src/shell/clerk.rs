//! A thread of ours that begins with the first order, so that nothing of it is there before somebody
//! asks. It ends with its handle.

use std::future::Future;
use std::io;
use std::thread;
use tokio::sync::mpsc;

/// What it does with its orders, once it begins.
type Work<Order> = Box<dyn FnOnce(mpsc::UnboundedReceiver<Order>) + Send>;

/// A handle to one.
pub struct Clerk<Order> {
    name: &'static str,
    /// Its work and its inbox, until it begins.
    before: Option<(Work<Order>, mpsc::UnboundedReceiver<Order>)>,
    /// The user gives orders, so those that wait are few.
    orders: mpsc::UnboundedSender<Order>,
}

impl<Order: Send + 'static> Clerk<Order> {
    /// Nothing happens before the first order.
    pub(super) fn new(
        name: &'static str,
        work: impl FnOnce(mpsc::UnboundedReceiver<Order>) + Send + 'static,
    ) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        Self {
            name,
            before: Some((Box::new(work), inbox)),
            orders,
        }
    }

    /// Gives it an order.
    pub fn ask(&mut self, order: Order) {
        if let Some((work, inbox)) = self.before.take() {
            let begun = thread::Builder::new()
                .name(self.name.to_owned())
                .spawn(move || work(inbox));
            if let Err(error) = begun {
                tracing::error!("no thread for {}: {error}", self.name);
            }
        }
        // Without a thread there is nobody to hear it, and the log says so.
        let _ = self.orders.send(order);
    }
}

/// Runs this to its end on the thread at hand.
pub(super) fn alone(serve: impl Future<Output = ()>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve);
    // A name lookup may still hang in a thread of the runtime; nobody waits for it.
    runtime.shutdown_background();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_the_first_order_gets_all_in_order_and_ends_with_its_handle() {
        let (tell, told) = std::sync::mpsc::channel();
        let mut clerk = Clerk::new("test", move |mut inbox| {
            alone(async {
                tell.send("begun".to_owned()).unwrap();
                while let Some(order) = inbox.recv().await {
                    tell.send(order).unwrap();
                }
                tell.send("ended".to_owned()).unwrap();
            })
            .unwrap();
        });
        assert_eq!(told.try_recv().ok(), None);
        clerk.ask("one".to_owned());
        clerk.ask("two".to_owned());
        drop(clerk);
        let all: Vec<String> = told.iter().collect();
        assert_eq!(all, ["begun", "one", "two", "ended"]);
    }
}
