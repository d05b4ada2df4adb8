//! Work with sound on a thread of its own. A sound server that hangs would otherwise take the
//! program with it: its client waits without a limit.

use super::SoundError;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

enum Step<P, T> {
    Went(P),
    Done(Result<T, SoundError>),
}

/// Runs `work` on a thread of its own. It tells how it goes by the function it is given, which
/// `hear` hears on the caller's thread. When it tells nothing for `limit`, it hangs: the thread
/// is left behind and ends with the program.
pub fn apart<P: Send + 'static, T: Send + 'static>(
    limit: Duration,
    mut hear: impl FnMut(P),
    work: impl FnOnce(&dyn Fn(P)) -> Result<T, SoundError> + Send + 'static,
) -> Result<T, SoundError> {
    let (tell, told) = mpsc::channel();
    thread::Builder::new()
        .name("sound".to_owned())
        .spawn(move || {
            // Whoever asked may have stopped waiting; there is nobody else to tell.
            let done = work(&|how| drop(tell.send(Step::Went(how))));
            let _ = tell.send(Step::Done(done));
        })
        .map_err(|_no_thread| SoundError::Hung)?;
    loop {
        match told.recv_timeout(limit) {
            Ok(Step::Went(how)) => hear(how),
            Ok(Step::Done(done)) => return done,
            // A thread that is gone without a word is a driver that broke, which is as bad.
            Err(_silent) => return Err(SoundError::Hung),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_left_behind_and_what_goes_on_is_not() {
        let mut heard = vec![];
        let done = apart(
            Duration::MAX,
            |how| heard.push(how),
            |tell| {
                tell(1);
                tell(2);
                Ok("done")
            },
        );
        assert_eq!((done, heard), (Ok("done"), vec![1, 2]));
        let (keep, wait) = mpsc::channel::<()>();
        let hung = apart(
            Duration::from_millis(1),
            |()| {},
            move |_tell| wait.recv().map_err(|_gone| SoundError::NoSystem),
        );
        assert_eq!(hung, Err(SoundError::Hung));
        drop(keep);
    }
}
