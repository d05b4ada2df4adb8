//! News of a sound server: devices come, go, and become what it prefers. PulseAudio, and PipeWire in
//! its place, tell whoever asks; nothing has to be looked up meanwhile.

use pulseaudio::protocol::{
    AuthParams, AuthReply, Command, MAX_VERSION, Prop, Props, ProtocolError, SetClientNameReply,
    SubscriptionEvent, SubscriptionEventFacility as Of, SubscriptionEventType as What,
    SubscriptionMask, read_ack_message, read_command_message, read_reply_message,
    write_command_message,
};
use std::io::BufReader;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

/// How long the server may take to take us in.
const PATIENCE: Duration = Duration::from_secs(2);

/// A subscription. It ends when this is dropped.
pub(super) struct Subscription(UnixStream);

impl Drop for Subscription {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Tells of everything that may change what would be opened, on a thread of its own. `tell` is
/// dropped when there will be no more news.
pub(super) fn of_the_server(tell: impl Fn() + Send + 'static) -> Option<Subscription> {
    let socket = UnixStream::connect(pulseaudio::socket_path_from_env()?).ok()?;
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    let news = Subscription(socket.try_clone().ok()?);
    let mut reader = BufReader::new(socket);
    let version = subscribe(&mut reader).ok()?;
    reader.get_ref().set_read_timeout(None).ok()?;
    let listen = move || {
        while let Ok((_, command)) = read_command_message(&mut reader, version) {
            if let Command::SubscribeEvent(event) = command
                && matters(event)
            {
                tell();
            }
        }
    };
    let listener = thread::Builder::new().name("sound news".to_owned());
    listener.spawn(listen).ok().map(|_left_to_itself| news)
}

/// Asks for the news, and gives the version of the protocol that is spoken.
fn subscribe(reader: &mut BufReader<UnixStream>) -> Result<u16, ProtocolError> {
    let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
    let auth = Command::Auth(AuthParams {
        version: MAX_VERSION,
        supports_shm: false,
        supports_memfd: false,
        cookie: cookie.unwrap_or_default(),
    });
    write_command_message(reader.get_mut(), 0, &auth, MAX_VERSION)?;
    let (_, reply) = read_reply_message::<AuthReply>(reader, MAX_VERSION)?;
    let version = reply.version.min(MAX_VERSION);
    let mut us = Props::new();
    us.set(Prop::ApplicationName, c"hearsay");
    write_command_message(reader.get_mut(), 1, &Command::SetClientName(us), version)?;
    read_reply_message::<SetClientNameReply>(reader, version)?;
    let wanted = SubscriptionMask::SINK | SubscriptionMask::SOURCE | SubscriptionMask::SERVER;
    write_command_message(reader.get_mut(), 2, &Command::Subscribe(wanted), version)?;
    read_ack_message(reader)?;
    Ok(version)
}

/// A device is there or gone, or another one is preferred. How loud one is set changes nothing.
const fn matters(event: SubscriptionEvent) -> bool {
    match event.event_facility {
        Of::Sink | Of::Source => matches!(event.event_type, What::New | What::Removed),
        _ => matches!(event.event_facility, Of::Server),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_that_come_or_go_and_another_default_are_news() {
        let of = |event_facility, event_type| {
            matters(SubscriptionEvent {
                event_facility,
                event_type,
                index: Some(1),
            })
        };
        for (facility, kind, expected) in [
            (Of::Sink, What::New, true),
            (Of::Sink, What::Removed, true),
            (Of::Sink, What::Changed, false),
            (Of::Source, What::New, true),
            (Of::Source, What::Changed, false),
            (Of::Server, What::Changed, true),
            (Of::SinkInput, What::New, false),
            (Of::Client, What::Removed, false),
        ] {
            assert_eq!(of(facility, kind), expected, "{facility:?} {kind:?}");
        }
    }
}
