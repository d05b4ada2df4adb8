//! A sound server asked without `cpal`, whose client leaves a thread and its files behind each time
//! one is made and dropped: what it has, and the news that devices come, go, and become what it
//! prefers. PulseAudio, and PipeWire in its place, tell whoever asks.

use super::card;
use super::host::SERVER;
use super::{Found, Sort, cookie};
use crate::sound::Way;
use pulseaudio::protocol::{
    AuthParams, AuthReply, Command, CommandReply, MAX_VERSION, Prop, Props, ProtocolError,
    ServerInfo, SetClientNameReply, SinkInfoList, SourceInfoList, SubscriptionEvent,
    SubscriptionEventFacility as Of, SubscriptionEventType as What, SubscriptionMask,
    read_ack_message, read_command_message, read_reply_message, write_command_message,
};
use std::ffi::CStr;
use std::io::BufReader;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

/// How long the server may take to answer.
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
pub(super) fn news(tell: impl Fn() + Send + 'static) -> Option<Subscription> {
    let mut server = Server::enter()?;
    let wanted = SubscriptionMask::SINK | SubscriptionMask::SOURCE | SubscriptionMask::SERVER;
    server.say(2, &Command::Subscribe(wanted)).ok()?;
    read_ack_message(&mut server.reader).ok()?;
    let socket = server.reader.get_ref();
    socket.set_read_timeout(None).ok()?;
    let news = Subscription(socket.try_clone().ok()?);
    let listen = move || {
        while let Ok((_, command)) = read_command_message(&mut server.reader, server.version) {
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

/// What the server has, monitors and parts included. `None` where there is no server.
pub(super) fn found() -> Option<Vec<Found>> {
    let mut server = Server::enter()?;
    let info: ServerInfo = server.ask(2, &Command::GetServerInfo).ok()?;
    let sinks: SinkInfoList = server.ask(3, &Command::GetSinkInfoList).ok()?;
    let sources: SourceInfoList = server.ask(4, &Command::GetSourceInfoList).ok()?;
    let sinks = sinks.into_iter().map(|sink| {
        let default = info.default_sink_name.as_ref() == Some(&sink.name);
        device(&sink.name, sink.description.as_deref(), Way::Out, default)
    });
    let sources = sources.into_iter().map(|source| {
        let default = info.default_source_name.as_ref() == Some(&source.name);
        device(
            &source.name,
            source.description.as_deref(),
            Way::In,
            default,
        )
    });
    Some(sinks.chain(sources).collect())
}

/// The same as people choose from it: the default is what would be opened.
pub(super) fn list() -> Option<Vec<Found>> {
    let mut found = found()?;
    for way in [Way::In, Way::Out] {
        let opened = preferred(&found, None, way);
        for device in found.iter_mut().filter(|device| device.way == way) {
            device.default = opened.as_ref() == Some(&device.id);
        }
    }
    Some(found)
}

fn device(name: &CStr, description: Option<&CStr>, way: Way, default: bool) -> Found {
    let id = format!("{SERVER}:{}", name.to_string_lossy());
    Found {
        name: description.unwrap_or(name).to_string_lossy().into_owned(),
        way,
        sort: card::sort(&id),
        default,
        id,
    }
}

/// The one of these that is opened for a wish, as `card` does it.
pub(super) fn preferred(found: &[Found], wish: Option<&str>, way: Way) -> Option<String> {
    let ordinary = |device: &&Found| device.way == way && device.sort == Sort::Ordinary;
    let mut fit = found.iter().filter(ordinary);
    let device = match wish {
        None => fit.clone().find(|device| device.default).or(fit.next()),
        // A monitor is one for whoever names it.
        Some(wish) => found.iter().find(|device| device.id == wish).or_else(|| {
            let wish = wish.to_lowercase();
            let mut named = fit.filter(|device| device.name.to_lowercase().contains(&wish));
            named.next().filter(|_| named.next().is_none())
        }),
    };
    device.map(|device| device.id.clone())
}

/// A connection of our own.
struct Server {
    reader: BufReader<UnixStream>,
    version: u16,
}

impl Server {
    /// One that has taken us in.
    fn enter() -> Option<Self> {
        let socket = UnixStream::connect(pulseaudio::socket_path_from_env()?).ok()?;
        socket.set_read_timeout(Some(PATIENCE)).ok()?;
        socket.set_write_timeout(Some(PATIENCE)).ok()?;
        cookie::ensure();
        let shown = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
        let mut server = Self {
            reader: BufReader::new(socket),
            version: MAX_VERSION,
        };
        let auth = Command::Auth(AuthParams {
            version: MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie: shown.unwrap_or_default(),
        });
        let reply: AuthReply = server.ask(0, &auth).ok()?;
        server.version = reply.version.min(MAX_VERSION);
        let mut us = Props::new();
        us.set(Prop::ApplicationName, c"hearsay");
        let _named: SetClientNameReply = server.ask(1, &Command::SetClientName(us)).ok()?;
        Some(server)
    }

    fn say(&mut self, number: u32, command: &Command) -> Result<(), ProtocolError> {
        write_command_message(self.reader.get_mut(), number, command, self.version)
    }

    fn ask<R: CommandReply>(&mut self, number: u32, what: &Command) -> Result<R, ProtocolError> {
        self.say(number, what)?;
        let (_number, reply) = read_reply_message(&mut self.reader, self.version)?;
        Ok(reply)
    }
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

    #[test]
    fn the_wish_is_opened_or_what_the_server_prefers() {
        let all = [
            (c"spk", c"Loudspeaker", Way::Out, false),
            (c"usb", c"Headset", Way::Out, true),
            (c"usb.monitor", c"Monitor of Headset", Way::In, true),
            (c"mic", c"Headset Microphone", Way::In, false),
            (c"auto_null", c"Dummy", Way::Out, false),
        ];
        let found = all.map(|(name, told, way, default)| device(name, Some(told), way, default));
        for (wish, way, expected) in [
            (None, Way::Out, Some("pulseaudio:usb")),
            // A monitor hears nobody, even if it is preferred.
            (None, Way::In, Some("pulseaudio:mic")),
            (Some("pulseaudio:spk"), Way::Out, Some("pulseaudio:spk")),
            (
                Some("pulseaudio:usb.monitor"),
                Way::In,
                Some("pulseaudio:usb.monitor"),
            ),
            (Some("LOUD"), Way::Out, Some("pulseaudio:spk")),
            (Some("headset"), Way::In, Some("pulseaudio:mic")),
            // Two are called so.
            (Some("e"), Way::Out, None),
            (Some("pulseaudio:gone"), Way::Out, None),
        ] {
            let one = preferred(&found, wish, way);
            assert_eq!(one.as_deref(), expected, "{wish:?} {way:?}");
        }
        assert_eq!(preferred(&found[4..], None, Way::Out), None);
        assert_eq!(device(c"spk", None, Way::Out, false).name, "spk");
    }
}
