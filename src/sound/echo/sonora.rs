//! The work of WebRTC on a microphone, in pure Rust: a high-pass filter, an adaptive filter that
//! finds the delay of the room by itself, what is left of noise, and a gain that follows the voice.

use super::{Canceller, FRAME};
use crate::sound::polish::Polish;
use crate::sound::vad::RATE;
use sonora::config::{
    AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, NoiseSuppression,
};
use sonora::{AudioProcessing, Config, StreamConfig};

/// A recording is over before a gain has found its way: it starts where a usual voice needs
/// none, and moves twice as fast as it would for a meeting.
const GAIN: AdaptiveDigital = AdaptiveDigital {
    headroom_db: 5.0,
    max_gain_db: 30.0,
    initial_gain_db: 3.0,
    max_gain_change_db_per_second: 12.0,
    max_output_noise_level_dbfs: -50.0,
};

/// All of it, or some.
pub struct Sonora(AudioProcessing);

impl Sonora {
    /// `echo`: what is played is taken out.
    pub fn new(echo: bool, polish: Polish) -> Self {
        let gain = || GainController2 {
            adaptive_digital: Some(GAIN),
            ..GainController2::default()
        };
        let config = Config {
            high_pass_filter: Some(HighPassFilter::default()),
            echo_canceller: echo.then(EchoCanceller::default),
            noise_suppression: polish.noise.then(NoiseSuppression::default),
            gain_controller2: polish.gain.then(gain),
            ..Config::default()
        };
        let stream = StreamConfig::new(RATE, 1);
        let builder = AudioProcessing::builder().config(config);
        Self(builder.capture_config(stream).render_config(stream).build())
    }
}

impl Canceller for Sonora {
    fn far(&mut self, frame: &[f32; FRAME]) {
        let mut out = [0.0; FRAME];
        let done = self.0.process_render_f32(&[frame], &mut [&mut out]);
        debug_assert!(
            done.is_ok(),
            "frames are of the length and rate it was told"
        );
    }

    fn near(&mut self, frame: &mut [f32; FRAME]) {
        let heard = *frame;
        let done = self.0.process_capture_f32(&[&heard], &mut [frame]);
        debug_assert!(
            done.is_ok(),
            "frames are of the length and rate it was told"
        );
    }
}
