//! The canceller of WebRTC, in pure Rust: a high-pass filter, an adaptive filter that finds the
//! delay of the room by itself, and what is left of noise.

use super::{Canceller, FRAME};
use crate::sound::vad::RATE;
use sonora::config::{EchoCanceller, HighPassFilter, NoiseSuppression};
use sonora::{AudioProcessing, Config, StreamConfig};

/// The canceller.
pub struct Sonora(AudioProcessing);

impl Default for Sonora {
    fn default() -> Self {
        let config = Config {
            high_pass_filter: Some(HighPassFilter::default()),
            echo_canceller: Some(EchoCanceller::default()),
            noise_suppression: Some(NoiseSuppression::default()),
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
