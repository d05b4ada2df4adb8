//! The devices of the system, through cpal: PulseAudio (or PipeWire in its place) first, then
//! ALSA, CoreAudio or WASAPI.
//!
//! What differs from system to system ends here: what is junk, which format a device speaks, and
//! what its errors mean. Who is asked is [`host`]'s.

use super::host::{self, SERVER};
#[cfg(target_os = "linux")]
use super::server;
use super::{Found, Sort};
use crate::sound::ring::{Gauge, Inlet, Outlet};
use crate::sound::stream::{Behind, CUSHION, Card};
use crate::sound::{Capture, Playback, SoundError, Way, block};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Device, DeviceDirection, Error, ErrorKind, Host, I24, SampleFormat, StreamConfig,
    SupportedBufferSize, SupportedStreamConfigRange, U24,
};
use rtrb::RingBuffer;
use std::sync::Arc;
use std::time::Duration;

/// How long opening a stream may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// A microphone's ring holds two seconds: longer than anything keeps its reader busy.
const BLOCKS_IN: usize = 100;
/// A loudspeaker's ring holds 200 ms: what is in it must be played or thrown away.
const BLOCKS_OUT: usize = 10;
/// What PulseAudio says when a device plays for so many that it has no room for another.
const CROWDED: &str = "Data too large";
/// What ALSA lists that leads to a device a person knows; the rest are converters.
const ALSA_ORDINARY: &[&str] = &["default", "pulse", "pipewire"];

pub(super) fn list(all: bool) -> Result<Vec<Found>, SoundError> {
    #[cfg(target_os = "linux")]
    if let Some(found) = server::list() {
        return Ok(found);
    }
    let (host, dead) = host::ask(None)?;
    let found = found(&host, all)?;
    match dead {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

fn found(host: &Host, all: bool) -> Result<Vec<Found>, SoundError> {
    let default = [Way::In, Way::Out].map(|way| standard(host, way).map(|device| id(&device)));
    let [microphone, loudspeaker] = default;
    let devices = host.devices().map_err(|error| sorted("sound", &error))?;
    let mut found = vec![];
    for device in devices {
        let id = id(&device);
        let sort = sort(&id);
        if sort != Sort::Ordinary && !all {
            continue;
        }
        let name = name(&device);
        for (way, chosen) in [(Way::In, &microphone), (Way::Out, &loudspeaker)] {
            if goes(&device, way, sort) {
                found.push(Found {
                    id: id.clone(),
                    name: name.clone(),
                    way,
                    sort,
                    default: chosen.as_ref() == Some(&id),
                });
            }
        }
    }
    Ok(found)
}

pub(super) fn capture(wish: Option<&str>, rate: u32) -> Result<Capture, SoundError> {
    let (host, dead) = host::ask(wish)?;
    let device = choose(&host, dead, wish, Way::In)?;
    let name = name(&device);
    let (config, format) = config(&device, &name, Way::In, rate)?;
    let gauge = Arc::new(Gauge::default());
    let (producer, consumer) = RingBuffer::new(block(config.sample_rate) * BLOCKS_IN);
    let inlet = Inlet::new(producer, config.channels, Arc::clone(&gauge));
    let stream = listen(&device, config, format, inlet, &name, &gauge)?;
    stream.play().map_err(|error| sorted(&name, &error))?;
    let rates = (config.sample_rate, rate);
    let behind = Behind::Card(Card::new(stream, Box::new(host), Arc::clone(&gauge)));
    let mut capture = Capture::new(name, consumer, rates, gauge, behind);
    capture.id = Some(id(&device));
    Ok(capture)
}

pub(super) fn playback(wish: Option<&str>, rate: u32) -> Result<Playback, SoundError> {
    let (host, dead) = host::ask(wish)?;
    let device = choose(&host, dead, wish, Way::Out)?;
    let name = name(&device);
    let (config, format) = config(&device, &name, Way::Out, rate)?;
    let gauge = Arc::new(Gauge::default());
    let (producer, consumer) = RingBuffer::new(block(config.sample_rate) * BLOCKS_OUT);
    let mut outlet = Outlet::new(
        consumer,
        config.channels,
        config.sample_rate,
        CUSHION,
        Arc::clone(&gauge),
    );
    let taps = outlet.taps();
    let stream = speak(&device, config, format, outlet, &name, &gauge)?;
    stream.play().map_err(|error| sorted(&name, &error))?;
    let rates = (config.sample_rate, rate);
    let behind = Behind::Card(Card::new(stream, Box::new(host), Arc::clone(&gauge)));
    let mut playback = Playback::new(name, producer, rates, gauge, behind);
    playback.id = Some(id(&device));
    playback.taps = Some(taps);
    Ok(playback)
}

/// The id of what would be opened now: the wish, or what the system prefers where the wish is
/// not there.
pub(super) fn best(wish: Option<&str>, way: Way) -> Option<String> {
    #[cfg(target_os = "linux")]
    if wish.is_none_or(|wish| is_of_the_server(wish) || !host::is_of_a_host(wish))
        && let Some(found) = server::found()
    {
        let preferred = |wish| server::preferred(&found, wish, way);
        return preferred(wish).or_else(|| preferred(None));
    }
    let chosen = |wish| {
        let (host, dead) = host::ask(wish)?;
        choose(&host, dead, wish, way).map(|device| id(&device))
    };
    chosen(wish).or_else(|_not_there| chosen(None)).ok()
}

/// Whether a device of this name is one of the sound server's.
#[cfg(target_os = "linux")]
pub(super) fn is_of_the_server(id: &str) -> bool {
    id.split_once(':').is_some_and(|(host, _)| host == SERVER)
}

/// The device a wish means.
fn choose(
    host: &Host,
    dead: Option<SoundError>,
    wish: Option<&str>,
    way: Way,
) -> Result<Device, SoundError> {
    let Some(wish) = wish else {
        return standard(host, way).ok_or(dead.unwrap_or(SoundError::NoDevice { way }));
    };
    let devices = host.devices().map_err(|error| sorted("sound", &error))?;
    let mut named = vec![];
    let mut near = vec![];
    for device in devices {
        let id = id(&device);
        if id == wish {
            return Ok(device);
        }
        let sort = sort(&id);
        if sort == Sort::Ordinary && goes(&device, way, sort) {
            if name(&device).to_lowercase().contains(&wish.to_lowercase()) {
                named.push(device);
            }
            near.push(id);
        }
    }
    match (named.pop(), named.is_empty()) {
        (Some(device), true) => Ok(device),
        // It may be a device of the server.
        _ => Err(dead.unwrap_or(SoundError::Unknown {
            wish: wish.to_owned(),
            way,
            near,
        })),
    }
}

/// What to use when nothing is wished for. A server without a microphone offers what its
/// loudspeaker plays instead; that is nobody's voice.
fn standard(host: &Host, way: Way) -> Option<Device> {
    let device = match way {
        Way::In => host.default_input_device(),
        Way::Out => host.default_output_device(),
    };
    device
        .filter(|device| sort(&id(device)) == Sort::Ordinary && works(device, way))
        .or_else(|| {
            host.devices().ok()?.find(|device| {
                let sort = sort(&id(device));
                sort == Sort::Ordinary && goes(device, way, sort)
            })
        })
}

/// The name of a device for programs. cpal knows no device without one.
fn id(device: &Device) -> String {
    device
        .id()
        .map_or_else(|_nameless| String::new(), |id| id.to_string())
}

/// The name of a device for people: ALSA adds a second line.
fn name(device: &Device) -> String {
    let name = device.to_string();
    name.lines().next().unwrap_or_default().to_owned()
}

pub(super) fn sort(id: &str) -> Sort {
    let (host, device) = id.split_once(':').unwrap_or_default();
    match host {
        SERVER if device.ends_with(".monitor") => Sort::Monitor,
        // What the server makes up when it has no device at all.
        SERVER if device == "auto_null" => Sort::Part,
        "alsa" => {
            let base = device.split_once(':').map_or(device, |(base, _)| base);
            if ALSA_ORDINARY.contains(&base) || base == "plughw" {
                Sort::Ordinary
            } else {
                Sort::Part
            }
        }
        _ => Sort::Ordinary,
    }
}

/// Whether sound goes this way through a device. Where the system does not know, an ordinary
/// device is tried; the others may do anything when they are tried, so they are not.
fn goes(device: &Device, way: Way, sort: Sort) -> bool {
    let direction = device
        .description()
        .map_or(DeviceDirection::Unknown, |description| {
            description.direction()
        });
    match direction {
        DeviceDirection::Input => way == Way::In,
        DeviceDirection::Output => way == Way::Out,
        _ => sort != Sort::Ordinary || works(device, way),
    }
}

fn works(device: &Device, way: Way) -> bool {
    match way {
        Way::In => device.default_input_config().is_ok(),
        Way::Out => device.default_output_config().is_ok(),
    }
}

/// The format to speak: mono at the rate that was wished for where the device takes it, else
/// whatever the device prefers.
fn config(
    device: &Device,
    name: &str,
    way: Way,
    rate: u32,
) -> Result<(StreamConfig, SampleFormat), SoundError> {
    let broken = |error: Error| sorted(name, &error);
    let fits = |range: &SupportedStreamConfigRange| {
        range.channels() == 1
            && (range.min_sample_rate()..=range.max_sample_rate()).contains(&rate)
            && matches!(range.sample_format(), SampleFormat::F32 | SampleFormat::I16)
    };
    // Floats first: they take no part in rounding.
    let best = |ranges: &mut dyn Iterator<Item = SupportedStreamConfigRange>| {
        ranges
            .filter(fits)
            .max_by_key(|range| range.sample_format() == SampleFormat::F32)
    };
    let found = match way {
        Way::In => best(&mut device.supported_input_configs().map_err(broken)?),
        Way::Out => best(&mut device.supported_output_configs().map_err(broken)?),
    };
    let supported = match found {
        Some(range) => range.with_sample_rate(rate),
        None => match way {
            Way::In => device.default_input_config().map_err(broken)?,
            Way::Out => device.default_output_config().map_err(broken)?,
        },
    };
    let mut config = supported.config();
    // Without a size PulseAudio collects two seconds. With one it also keeps no more than that of a
    // microphone for us: a server that is held up for longer throws samples away and tells nobody
    // (`benches/sound/lost.rs` counts them). Larger blocks would be later ones.
    let wished = block(config.sample_rate) as u32;
    config.buffer_size = BufferSize::Fixed(match supported.buffer_size() {
        SupportedBufferSize::Range { min, max } => wished.max(*min).min(*max),
        SupportedBufferSize::Unknown => wished,
    });
    Ok((config, supported.sample_format()))
}

/// Opens a stream of whatever samples the device speaks.
macro_rules! by_format {
    ($format:expr, $name:expr, $open:ident($($argument:expr),*)) => {
        match $format {
            SampleFormat::I8 => $open::<i8>($($argument),*),
            SampleFormat::I16 => $open::<i16>($($argument),*),
            SampleFormat::I24 => $open::<I24>($($argument),*),
            SampleFormat::I32 => $open::<i32>($($argument),*),
            SampleFormat::U8 => $open::<u8>($($argument),*),
            SampleFormat::U16 => $open::<u16>($($argument),*),
            SampleFormat::U24 => $open::<U24>($($argument),*),
            SampleFormat::U32 => $open::<u32>($($argument),*),
            SampleFormat::F32 => $open::<f32>($($argument),*),
            SampleFormat::F64 => $open::<f64>($($argument),*),
            odd => {
                return Err(SoundError::OddFormat {
                    device: $name.to_owned(),
                    format: odd.to_string(),
                });
            }
        }
    };
}

fn listen(
    device: &Device,
    config: StreamConfig,
    format: SampleFormat,
    inlet: Inlet,
    name: &str,
    gauge: &Arc<Gauge>,
) -> Result<cpal::Stream, SoundError> {
    fn open<T: cpal::SizedSample>(
        device: &Device,
        config: StreamConfig,
        mut inlet: Inlet,
        complain: impl FnMut(Error) + Send + 'static,
    ) -> Result<cpal::Stream, Error>
    where
        f32: cpal::FromSample<T>,
    {
        device.build_input_stream(
            config,
            move |samples: &[T], _info: &_| inlet.take(samples),
            complain,
            Some(PATIENCE),
        )
    }
    let complain = complaints(name, gauge);
    by_format!(format, name, open(device, config, inlet, complain))
        .map_err(|error| sorted(name, &error))
}

fn speak(
    device: &Device,
    config: StreamConfig,
    format: SampleFormat,
    outlet: Outlet,
    name: &str,
    gauge: &Arc<Gauge>,
) -> Result<cpal::Stream, SoundError> {
    fn open<T: cpal::SizedSample + cpal::FromSample<f32>>(
        device: &Device,
        config: StreamConfig,
        mut outlet: Outlet,
        gauge: Arc<Gauge>,
        complain: impl FnMut(Error) + Send + 'static,
    ) -> Result<cpal::Stream, Error> {
        device.build_output_stream(
            config,
            move |samples: &mut [T], info: &cpal::OutputCallbackInfo| {
                let at = info.timestamp();
                gauge.set_latency(at.playback.duration_since(at.callback));
                outlet.give(samples);
            },
            complain,
            Some(PATIENCE),
        )
    }
    let complain = complaints(name, gauge);
    let told = Arc::clone(gauge);
    by_format!(format, name, open(device, config, outlet, told, complain))
        .map_err(|error| sorted(name, &error))
}

/// What a driver's worker does with an error of a running stream.
fn complaints(name: &str, gauge: &Arc<Gauge>) -> impl FnMut(Error) + Send + 'static {
    let (name, gauge) = (name.to_owned(), Arc::clone(gauge));
    move |error| match error.kind() {
        ErrorKind::Xrun => gauge.gap(),
        // The stream goes on as it is.
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        ErrorKind::BackendError => gauge.stumble(|| sorted(&name, &error)),
        _ => gauge.fail(sorted(&name, &error)),
    }
}

/// What an error of the system means to its user.
fn sorted(name: &str, error: &Error) -> SoundError {
    let device = name.to_owned();
    let why = error.to_string();
    match error.kind() {
        ErrorKind::DeviceBusy => SoundError::Busy { device },
        ErrorKind::InvalidInput if why.contains(CROWDED) => SoundError::Busy { device },
        ErrorKind::DeviceNotAvailable => SoundError::Gone { device },
        ErrorKind::HostUnavailable | ErrorKind::StreamInvalidated => SoundError::ServerDead { why },
        ErrorKind::PermissionDenied => SoundError::Denied { device },
        ErrorKind::UnsupportedConfig => SoundError::OddFormat {
            device,
            format: why,
        },
        _ => SoundError::Other { device, why },
    }
}

#[cfg(test)]
mod tests;
