use super::*;

#[test]
fn monitors_and_parts_are_told_from_devices() {
    for (id, expected) in [
        ("pulseaudio:alsa_input.usb-Headset.mono", Sort::Ordinary),
        ("pulseaudio:alsa_output.pci.stereo.monitor", Sort::Monitor),
        ("pulseaudio:auto_null", Sort::Part),
        ("pulseaudio:auto_null.monitor", Sort::Monitor),
        ("alsa:default", Sort::Ordinary),
        ("alsa:default:CARD=PCH", Sort::Ordinary),
        ("alsa:pulse", Sort::Ordinary),
        ("alsa:plughw:CARD=0,DEV=0", Sort::Ordinary),
        ("alsa:hw:CARD=0,DEV=0", Sort::Part),
        ("alsa:null", Sort::Part),
        ("alsa:upmix", Sort::Part),
        ("coreaudio:BuiltIn.monitor", Sort::Ordinary),
    ] {
        assert_eq!(sort(id), expected, "{id}");
    }
}

#[test]
fn errors_of_the_system_are_told_apart() {
    let device = || "Headset".to_owned();
    let why = || "so it says".to_owned();
    for (kind, expected) in [
        (ErrorKind::DeviceBusy, SoundError::Busy { device: device() }),
        (
            ErrorKind::DeviceNotAvailable,
            SoundError::Gone { device: device() },
        ),
        (
            ErrorKind::PermissionDenied,
            SoundError::Denied { device: device() },
        ),
        (
            ErrorKind::HostUnavailable,
            SoundError::ServerDead { why: why() },
        ),
        (
            ErrorKind::StreamInvalidated,
            SoundError::ServerDead { why: why() },
        ),
        (
            ErrorKind::UnsupportedConfig,
            SoundError::OddFormat {
                device: device(),
                format: why(),
            },
        ),
        (
            ErrorKind::BackendError,
            SoundError::Other {
                device: device(),
                why: why(),
            },
        ),
    ] {
        let error = Error::with_message(kind, why());
        assert_eq!(sorted("Headset", &error), expected, "{kind:?}");
    }
    // As PulseAudio says it, and as it says other things of this kind.
    for (text, busy) in [("Data too large", true), ("Invalid argument", false)] {
        let error = Error::with_message(ErrorKind::InvalidInput, text);
        let found = sorted("Headset", &error);
        assert_eq!(
            found == SoundError::Busy { device: device() },
            busy,
            "{found:?}"
        );
    }
}

#[test]
fn a_running_stream_forgives_gaps_and_ends_with_its_device() {
    let gauge = Arc::new(Gauge::default());
    let mut complain = complaints("Headset", &gauge);
    for kind in [
        ErrorKind::Xrun,
        ErrorKind::Xrun,
        ErrorKind::DeviceChanged,
        ErrorKind::RealtimeDenied,
        ErrorKind::BackendError,
    ] {
        complain(Error::new(kind));
    }
    assert_eq!((gauge.gaps(), gauge.trouble()), (2, None));
    complain(Error::new(ErrorKind::DeviceNotAvailable));
    complain(Error::new(ErrorKind::StreamInvalidated));
    let device = "Headset".to_owned();
    assert_eq!(gauge.trouble(), Some(SoundError::Gone { device }));
}
