//! Puts frames together and brings them to the usual height, as SenseVoice wants them. Pure.

/// Frames of `width` numbers, so many together, so many frames further each time; then what is
/// added to each number and what it is multiplied by.
pub(in crate::mind::engine) fn stack(
    frames: &[f32],
    width: usize,
    together: usize,
    step: usize,
    shift: &[f32],
    scale: &[f32],
) -> Vec<f32> {
    let stacks = frames.windows(width * together).step_by(width * step);
    stacks
        .flat_map(|stack| {
            let shaped = stack.iter().zip(shift).zip(scale);
            shaped.map(|((value, shift), scale)| (value + shift) * scale)
        })
        .collect()
}
