//! ALSA at run time: what cpal calls of it, handed on to the library if this machine has one.
//!
//! cpal's ALSA part names its functions as symbols for the linker. Were they the library's own,
//! neither the build nor the start would work where it is not installed. So they are defined
//! here, and each hands its arguments on to the symbol of the same name in `libasound.so.2`,
//! loaded when the first is called. Without the library they say so, and cpal reports that ALSA
//! is not available. `.cargo/config.toml` keeps the build script of `alsa-sys` from asking for
//! the library; where that file is not read, it is asked for, but is not linked either.
//!
//! This is the one place of the program where `unsafe` is allowed. What makes it sound: the
//! arguments are those of ALSA's header (a pointer is a pointer, whatever it points at, and a
//! `long` is an `isize` on every Linux), they
//! are not touched, and the caller's promises are those that ALSA asks for. The list is exactly
//! what cpal 0.18.2 needs. With another version the link fails if one is missing.

#![expect(
    unsafe_code,
    reason = "symbols for the linker, and a library that is loaded at run time"
)]

use std::ffi::{CStr, c_char, c_int, c_uint, c_ulong, c_void};
use std::sync::OnceLock;

/// Whatever a pointer of ALSA points at.
type Ptr = *mut c_void;
/// A text of ALSA's.
type Text = *const c_char;

/// What a function answers when there is no library.
trait Absent {
    fn absent() -> Self;
}

impl Absent for () {
    fn absent() -> Self {}
}

impl Absent for c_int {
    fn absent() -> Self {
        -libc::ENOSYS
    }
}

impl Absent for c_uint {
    fn absent() -> Self {
        0
    }
}

impl Absent for isize {
    fn absent() -> Self {
        -(libc::ENOSYS as Self)
    }
}

impl Absent for usize {
    fn absent() -> Self {
        0
    }
}

impl Absent for Ptr {
    fn absent() -> Self {
        std::ptr::null_mut()
    }
}

impl Absent for Text {
    fn absent() -> Self {
        // The one text that is asked for without the library is that of an error.
        c"`libasound.so.2` is not installed".as_ptr()
    }
}

/// The library, if it is installed. It stays until the program ends.
fn library() -> Option<Ptr> {
    /// A pointer that threads may share: `dlsym` takes it from any of them.
    struct Handle(Ptr);
    // SAFETY: the handle is never used but as an argument of `dlsym`, which locks for itself.
    unsafe impl Send for Handle {}
    // SAFETY: as above.
    unsafe impl Sync for Handle {}

    static LIBRARY: OnceLock<Option<Handle>> = OnceLock::new();
    let loaded = LIBRARY.get_or_init(|| {
        // SAFETY: the name ends with a zero, and loading libasound runs no code that needs more.
        let handle = unsafe {
            libc::dlopen(
                c"libasound.so.2".as_ptr(),
                libc::RTLD_NOW | libc::RTLD_LOCAL,
            )
        };
        if handle.is_null() {
            return None;
        }
        hush(handle);
        Some(Handle(handle))
    });
    loaded.as_ref().map(|handle| handle.0)
}

/// ALSA writes what goes wrong to stderr, which is somebody's screen. What matters of it comes
/// back as an error, too.
fn hush(library: Ptr) {
    extern "C" fn say_nothing(_: Text, _: c_int, _: Text, _: c_int, _: Text) {}
    type Handler = extern "C" fn(Text, c_int, Text, c_int, Text);

    if let Some(symbol) = find(library, c"snd_lib_error_set_handler") {
        // SAFETY: that is the function's signature. ALSA calls the handler with further
        // arguments after these five; by the calling conventions of all Linux systems it is
        // the caller who tidies them up.
        let set = unsafe { std::mem::transmute::<Ptr, extern "C" fn(Handler) -> c_int>(symbol) };
        set(say_nothing);
    }
}

fn find(library: Ptr, name: &CStr) -> Option<Ptr> {
    // SAFETY: the library is loaded and the name ends with a zero.
    let symbol = unsafe { libc::dlsym(library, name.as_ptr()) };
    (!symbol.is_null()).then_some(symbol)
}

macro_rules! hand_on {
    ($($name:ident($($argument:ident: $type:ty),*) $(-> $answer:ty)?;)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: $type),*) $(-> $answer)? {
            type Function = extern "C" fn($($type),*) $(-> $answer)?;
            static FUNCTION: OnceLock<Option<Function>> = OnceLock::new();
            let function = FUNCTION.get_or_init(|| {
                let name = CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes());
                let symbol = find(library()?, name.expect("the name ends with a zero"))?;
                // SAFETY: ALSA's header declares the function so.
                Some(unsafe { std::mem::transmute::<Ptr, Function>(symbol) })
            });
            match function {
                Some(function) => function($($argument),*),
                None => Absent::absent(),
            }
        }
    )*};
}

hand_on! {
    snd_card_next(a: Ptr) -> c_int;
    snd_config_update() -> c_int;
    snd_config_update_free_global() -> c_int;
    snd_ctl_card_info(a: Ptr, b: Ptr) -> c_int;
    snd_ctl_card_info_free(a: Ptr);
    snd_ctl_card_info_get_name(a: Ptr) -> Text;
    snd_ctl_card_info_malloc(a: Ptr) -> c_int;
    snd_ctl_close(a: Ptr) -> c_int;
    snd_ctl_open(a: Ptr, b: Ptr, c: c_int) -> c_int;
    snd_ctl_pcm_info(a: Ptr, b: Ptr) -> c_int;
    snd_ctl_pcm_next_device(a: Ptr, b: Ptr) -> c_int;
    snd_device_name_free_hint(a: Ptr) -> c_int;
    snd_device_name_get_hint(a: Ptr, b: Ptr) -> Ptr;
    snd_device_name_hint(a: c_int, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_avail_delay(a: Ptr, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_bytes_to_frames(a: Ptr, b: isize) -> isize;
    snd_pcm_close(a: Ptr) -> c_int;
    snd_pcm_format_physical_width(a: c_int) -> c_int;
    snd_pcm_get_params(a: Ptr, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_hw_params(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_hw_params_any(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_hw_params_can_resume(a: Ptr) -> c_int;
    snd_pcm_hw_params_copy(a: Ptr, b: Ptr);
    snd_pcm_hw_params_current(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_hw_params_free(a: Ptr);
    snd_pcm_hw_params_get_buffer_size_max(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_hw_params_get_channels_max(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_hw_params_get_channels_min(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_hw_params_get_period_size(a: Ptr, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_hw_params_get_period_size_max(a: Ptr, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_hw_params_get_period_size_min(a: Ptr, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_hw_params_get_rate_max(a: Ptr, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_hw_params_get_rate_min(a: Ptr, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_hw_params_malloc(a: Ptr) -> c_int;
    snd_pcm_hw_params_set_access(a: Ptr, b: Ptr, c: c_uint) -> c_int;
    snd_pcm_hw_params_set_buffer_size_near(a: Ptr, b: Ptr, c: Ptr) -> c_int;
    snd_pcm_hw_params_set_channels(a: Ptr, b: Ptr, c: c_uint) -> c_int;
    snd_pcm_hw_params_set_format(a: Ptr, b: Ptr, c: c_int) -> c_int;
    snd_pcm_hw_params_set_period_size_near(a: Ptr, b: Ptr, c: Ptr, d: Ptr) -> c_int;
    snd_pcm_hw_params_set_rate(a: Ptr, b: Ptr, c: c_uint, d: c_int) -> c_int;
    snd_pcm_hw_params_supports_audio_ts_type(a: Ptr, b: c_int) -> c_int;
    snd_pcm_hw_params_test_channels(a: Ptr, b: Ptr, c: c_uint) -> c_int;
    snd_pcm_hw_params_test_format(a: Ptr, b: Ptr, c: c_int) -> c_int;
    snd_pcm_hw_params_test_rate(a: Ptr, b: Ptr, c: c_uint, d: c_int) -> c_int;
    snd_pcm_info(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_info_free(a: Ptr);
    snd_pcm_info_get_name(a: Ptr) -> Text;
    snd_pcm_info_get_stream(a: Ptr) -> c_uint;
    snd_pcm_info_malloc(a: Ptr) -> c_int;
    snd_pcm_info_set_device(a: Ptr, b: c_uint);
    snd_pcm_info_set_stream(a: Ptr, b: c_uint);
    snd_pcm_info_set_subdevice(a: Ptr, b: c_uint);
    snd_pcm_open(a: Ptr, b: Ptr, c: c_uint, d: c_int) -> c_int;
    snd_pcm_pause(a: Ptr, b: c_int) -> c_int;
    snd_pcm_poll_descriptors(a: Ptr, b: Ptr, c: c_uint) -> c_int;
    snd_pcm_poll_descriptors_count(a: Ptr) -> c_int;
    snd_pcm_poll_descriptors_revents(a: Ptr, b: Ptr, c: c_uint, d: Ptr) -> c_int;
    snd_pcm_prepare(a: Ptr) -> c_int;
    snd_pcm_readi(a: Ptr, b: Ptr, c: c_ulong) -> isize;
    snd_pcm_resume(a: Ptr) -> c_int;
    snd_pcm_start(a: Ptr) -> c_int;
    snd_pcm_state(a: Ptr) -> c_uint;
    snd_pcm_status(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_status_get_audio_htstamp(a: Ptr, b: Ptr);
    snd_pcm_status_get_htstamp(a: Ptr, b: Ptr);
    snd_pcm_status_get_state(a: Ptr) -> c_uint;
    snd_pcm_status_get_trigger_htstamp(a: Ptr, b: Ptr);
    snd_pcm_status_set_audio_htstamp_config(a: Ptr, b: Ptr);
    snd_pcm_status_sizeof() -> usize;
    snd_pcm_sw_params(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_sw_params_current(a: Ptr, b: Ptr) -> c_int;
    snd_pcm_sw_params_free(a: Ptr);
    snd_pcm_sw_params_malloc(a: Ptr) -> c_int;
    snd_pcm_sw_params_set_avail_min(a: Ptr, b: Ptr, c: c_ulong) -> c_int;
    snd_pcm_sw_params_set_start_threshold(a: Ptr, b: Ptr, c: c_ulong) -> c_int;
    snd_pcm_sw_params_set_tstamp_mode(a: Ptr, b: Ptr, c: c_uint) -> c_int;
    snd_pcm_sw_params_set_tstamp_type(a: Ptr, b: Ptr, c: c_uint) -> c_int;
    snd_pcm_writei(a: Ptr, b: Ptr, c: c_ulong) -> isize;
}
